import type { z } from 'zod';
import { ContainerFault, EcsFault } from '../../../controlplane/localecs/faults/faults.ts';
import { AwsError } from '../../../controlplane/localecs/protocol/aws-error.ts';
import type { LocalEcs } from '../../../controlplane/localecs/start-local-ecs.ts';
import type { ContainerEndCause } from '../script.ts';
import { instead } from '../../../shared/text/nearest-name.ts';
import { shown } from '../../../shared/text/shown-value.ts';
import { parseGiven } from '../parse-given.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { TestkitError } from '../testkit-error.ts';
import { endOfEcsTask } from '../world/ecs-end.ts';

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
  if (typeof fault !== 'object' || fault === null)
    throw new TestkitError(`A fault is an object, and not ${shown(fault)}`);
  const form = formOf(fault);
  if (!('task' in fault)) {
    const parsed = parseGiven('The fault is', form, fault);
    return isOfContainer(parsed) ? happen(ecs, parsed) : ecs.faults.add([parsed]);
  }
  const { task } = fault;
  if (typeof task === 'number' && !TaskId.safeParse(task).success) {
    throw new TestkitError(`The fault is not valid: task: ${task} is no number of a task`);
  }
  const arn = typeof task === 'number' ? await arnOf(task) : task;
  if (arn === null) throw new TestkitError(`task ${task} has no container now; wait until it has one`);
  const parsed = parseGiven('The fault is', form, { ...fault, task: arn });
  if (isOfContainer(parsed)) await happen(ecs, parsed);
}

async function happen(ecs: Pick<LocalEcs, 'injectFault'>, fault: ContainerFault): Promise<void> {
  try {
    await ecs.injectFault(fault);
  } catch (error) {
    if (error instanceof AwsError)
      throw new TestkitError(`The fault cannot happen: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Ends for which ECS stops the task. After the others the container has ended by itself. */
const INTERRUPTIONS: ReadonlySet<ContainerEndCause> = new Set(['host-lost', 'operator', 'spot']);

type Form = z.ZodType<EcsFault | ContainerFault>;
const FORMS: ReadonlyMap<unknown, Form> = new Map<unknown, Form>(
  [...EcsFault.options, ...ContainerFault.options].map((form) => [form.shape.kind.value, form]),
);
const OF_CONTAINERS: readonly string[] = ContainerFault.options.map(({ shape }) => shape.kind.value);

function isOfContainer(fault: EcsFault | ContainerFault): fault is ContainerFault {
  return OF_CONTAINERS.includes(fault.kind);
}

/** Returns the schema of the faults of this kind. */
function formOf({ kind }: { readonly kind?: unknown }): Form {
  const found = FORMS.get(kind);
  if (found) return found;
  const kinds = [...FORMS.keys()].map(String);
  throw new TestkitError(`The fault is not valid: kind: ${shown(kind)} is not known${instead(String(kind), kinds)}`);
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
  const { stopCode, stoppedReason, containerReason } = endOfEcsTask(cause);
  if (INTERRUPTIONS.has(cause) && stopCode !== null && stoppedReason !== null) {
    return { kind: 'interrupt', task, stopCode, reason: stoppedReason };
  }
  return { kind: 'crash', task, ...(containerReason !== null && { reason: containerReason }) };
}
