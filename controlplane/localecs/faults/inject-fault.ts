import { AwsError } from '../protocol/aws-error.ts';
import { parseFaultList } from './fault-list.ts';
import type { ContainerFault } from './faults.ts';
import { findLocalCluster, type ActionContext } from '../operations/action-context.ts';
import { changeConnection, joinInstance, loseInstance } from '../placement/container-instances.ts';

/** Takes the list of `POST /_faults`: faults of containers happen at once, those of calls and tasks wait for theirs. */
export async function injectFaults(context: ActionContext, body: unknown): Promise<void> {
  // All are checked before the first happens.
  for (const { is, fault } of parseFaultList(body)) {
    if (is === 'of-a-container') await injectFault(context, fault);
    else context.faults.add([fault]);
  }
}

export async function injectFault(context: ActionContext, fault: ContainerFault): Promise<void> {
  if (fault.kind === 'lose-instance') {
    return loseInstance(context, findLocalCluster(context, fault.cluster), fault.containerInstance);
  }
  if (fault.kind === 'agent-connected' || fault.kind === 'agent-disconnected') {
    const of = { cluster: findLocalCluster(context, fault.cluster), reference: fault.containerInstance };
    return changeConnection(context, of, fault.kind === 'agent-connected' ? 'connected' : 'disconnected');
  }
  if (fault.kind === 'join-instance') return joinInstance(context, findLocalCluster(context, fault.cluster));
  const task = context.state.tasks[fault.task];
  if (!task) throw new AwsError('InvalidParameterException', `There is no task ${fault.task}.`);
  if (task.lastStatus === 'STOPPED' || task.lastStatus === 'DEPROVISIONING') {
    throw new AwsError('InvalidParameterException', `The container of task ${fault.task} has ended already.`);
  }
  if (fault.kind === 'crash') context.lifecycles.crash(task, fault.reason);
  else context.lifecycles.stop(task, { stopCode: fault.stopCode, reason: fault.reason });
  await context.save();
}
