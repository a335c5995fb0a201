import type { z } from 'zod';
import { ContainerFault, EcsFault } from '../../../controlplane/localecs/faults.ts';
import type { LocalEcs } from '../../../controlplane/localecs/start-local-ecs.ts';
import type { ContainerEndCause } from '../script.ts';
import { TestkitError } from '../testkit-error.ts';

/** A fault of a running container, named by its ECS task or by the id of its Wip task. */
export type FaultOfContainer = {
  [Kind in ContainerFault['kind']]: Omit<Extract<z.input<typeof ContainerFault>, { kind: Kind }>, 'task'> & {
    readonly task: number | string;
  };
}[ContainerFault['kind']];

/** Every fault of local ECS: of its next calls, of its next tasks, or of one running container. */
export type LocalFault = z.input<typeof EcsFault> | FaultOfContainer;

export async function injectLocalFault(
  ecs: Pick<LocalEcs, 'faults' | 'injectFault'>,
  fault: LocalFault,
  arnOf: (taskId: number) => Promise<string | null>,
): Promise<void> {
  if (!('task' in fault)) return ecs.faults.add([fault]);
  const { task } = fault;
  const arn = typeof task === 'number' ? await arnOf(task) : task;
  if (arn === null) throw new TestkitError(`task ${task} has no container now; wait until it has one`);
  await ecs.injectFault(ContainerFault.parse({ ...fault, task: arn }));
}

/** Lets ECS end a container in the way its script says ("Amazon ECS stopped tasks error messages"). */
export async function endByEcs(
  ecs: Pick<LocalEcs, 'injectFault'>,
  arn: string,
  cause: ContainerEndCause,
): Promise<void> {
  await ecs.injectFault(faultOf(arn, cause));
}

function faultOf(task: string, cause: ContainerEndCause): ContainerFault {
  switch (cause) {
    case 'out-of-memory':
      return { kind: 'crash', task, reason: 'OutOfMemoryError: Container killed due to memory usage' };
    case 'host-lost':
      return { kind: 'interrupt', task, stopCode: 'TerminationNotice', reason: 'Host EC2 terminated.' };
    case 'operator':
      return { kind: 'interrupt', task, stopCode: 'UserInitiated', reason: 'Task stopped by user' };
    case 'spot':
      return { kind: 'interrupt', task, stopCode: 'SpotInterruption', reason: 'Your Spot Task was interrupted.' };
    default:
      return { kind: 'crash', task };
  }
}
