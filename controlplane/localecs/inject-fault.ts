import { AwsError } from './aws-error.ts';
import type { ContainerFault } from './faults.ts';
import { findLocalCluster, type ActionContext } from './action-context.ts';
import { loseInstance } from './container-instances.ts';

export async function injectFault(context: ActionContext, fault: ContainerFault): Promise<void> {
  if (fault.kind === 'lose-instance') {
    return loseInstance(context, findLocalCluster(context, fault.cluster), fault.containerInstance);
  }
  const task = context.state.tasks[fault.task];
  if (!task) throw new AwsError('InvalidParameterException', `There is no task ${fault.task}.`);
  if (fault.kind === 'crash') context.lifecycles.crash(task, fault.reason);
  else context.lifecycles.stop(task, { stopCode: fault.stopCode, reason: fault.reason });
  await context.save();
}
