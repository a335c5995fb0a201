import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import type { Priority } from '../../shared/model/status.ts';
import type { Sealer } from '../../shared/keys/sealing.ts';
import { whyAddressRefused, whyReceiverRefused } from '../../shared/repository/repository-hosts.ts';
import { sha256Hex } from '../../shared/keys/signing.ts';
import { optionContext } from '../store/secrets/seal-contexts.ts';
import type { NewTask } from '../store/tasks/add-task.ts';
import type { BasicWip } from '../tasks/basic-wip.ts';
import { parseOptions, type WipClass } from '../tasks/wip-class.ts';
import { ClassAnswers, whyNoGroup } from '../tasks/checks/class-answers.ts';
import type { TaskSettings } from '../tasks/task-settings.ts';
import { checkOptions } from './check-options.ts';
import { askClass, askForLaunch, runOfClass, type LaunchAnswers } from './ask-class.ts';
import { TaskRequests } from './task-requests.ts';

export interface TaskToAdd {
  readonly kind: string;
  /** Unchecked: only the task's class knows its options. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly title?: string | undefined;
  readonly group?: string | undefined;
  readonly priority?: Priority | undefined;
}

/** A task that another task adds. Unknown fields are refused, because the author meant a known one. */
export const GivenTask = z.strictObject({
  kind: z.string(),
  options: z.record(z.string(), z.unknown()).default({}),
  title: z.string().optional(),
  group: z.string().optional(),
  priority: ClassAnswers.shape.priority.optional(),
});

/** The properties of a task that its class decides and that have columns of their own. */
const SaidByClass = ClassAnswers.pick({ title: true, group: true, priority: true, workId: true });

export interface PrepareTaskDeps {
  readonly kinds: ReadonlyMap<string, WipClass>;
  readonly sealer: Sealer;
  readonly maxRunSeconds: number;
  readonly settings: Pick<TaskSettings, 'repositoryHosts' | 'outgoingHosts'>;
}

/** The row of a task that is to be added. */
export interface PreparedTask extends NewTask {
  readonly uuid: string;
  /** The class's requirements for the containers. */
  readonly requirements: LaunchAnswers;
  /** The defaults of the class for values that the order may set. */
  readonly ofKind: () => Pick<NewTask, 'group' | 'priority'>;
}

function checkGroup(given: string): void {
  const why = whyNoGroup(given);
  if (why === null) return;
  throw new OperationalError('OPTIONS_INVALID', {
    happened: `The group ${JSON.stringify(given)} is no name: ${why}`,
    remedy: 'Choose another name for the group',
  });
}

/**
 * Returns the row of a task in the form its class asks for, secret options sealed. Throws TASK_KIND_UNKNOWN,
 * OPTIONS_INVALID or REPOSITORY_REFUSED.
 */
export function prepareTask(deps: PrepareTaskDeps, task: TaskToAdd, uuid: string = randomUUID()): PreparedTask {
  const wipClass = deps.kinds.get(task.kind);
  if (!wipClass) {
    throw new OperationalError('TASK_KIND_UNKNOWN', {
      happened: `There is no kind of task named "${task.kind}"`,
      remedy: `Use one of ${[...deps.kinds.keys()].join(', ')}`,
    });
  }
  const options = parsedOptions(wipClass, task.options);
  checkRepositories(deps, wipClass, options);
  checkReceivers(deps, wipClass, options);
  const wip = runOfClass(wipClass.kind, 'create', () => wipClass.create({ uuid, options }));
  const given = { ...options };
  const { title, group, priority, workId } = askForQueueFields(wipClass, wip, task);
  const requirements = { ...askForLaunch(wip), group };
  checkGroup(group);
  for (const name of wipClass.options.sealed) {
    if (options[name] === undefined) continue;
    options[name] = deps.sealer.seal(JSON.stringify(options[name]), optionContext(uuid, name));
  }
  return {
    uuid,
    kind: task.kind,
    classVersion: String(wipClass.version),
    title,
    group,
    priority,
    workId: sha256Hex(workId),
    options,
    maxRunSeconds: deps.maxRunSeconds,
    requirements,
    ofKind: () => askForQueueFields(wipClass, wip, { title }),
    requests: runOfClass(wipClass.kind, 'statusReport', () =>
      new TaskRequests({
        sealer: deps.sealer,
        wip,
        secretOption: (name) => given[name],
        makeNonce: () => 'added',
      }).ofStatus({ status: 'queued', startedAt: null, end: null }),
    ),
  };
}

/** Returns a plain copy of the options that the class has parsed, after a check that no option gets lost in such a copy. */
function parsedOptions(wipClass: WipClass, given: TaskToAdd['options']): Record<string, unknown> {
  return runOfClass(wipClass.kind, 'options', () => {
    const parsed = parseOptions(wipClass, given) as Record<string, unknown>;
    checkOptions(wipClass.kind, parsed);
    return { ...parsed };
  });
}

/** Returns the fields of a task that its class decides unless they are given. */
function askForQueueFields(
  wipClass: WipClass,
  wip: BasicWip,
  { title, group, priority }: Pick<TaskToAdd, 'title' | 'group' | 'priority'>,
) {
  const question = { kind: wipClass.kind, member: 'title, group, priority and workId', schema: SaidByClass };
  return askClass(question, () => ({
    title: title ?? wip.title,
    group: group ?? wip.group,
    priority: priority ?? wip.priority,
    workId: wip.workId(),
  }));
}

/** Refuses repositories that are already known to be forbidden. The container checks again when it has resolved the host name. */
function checkRepositories(
  deps: PrepareTaskDeps,
  wipClass: WipClass,
  options: Readonly<Record<string, unknown>>,
): void {
  for (const name of wipClass.options.repositories ?? []) {
    const address = options[name];
    const why = typeof address === 'string' ? whyAddressRefused(deps.settings.repositoryHosts, address) : null;
    if (why === null) continue;
    throw new OperationalError('REPOSITORY_REFUSED', {
      happened: `The option ${name} of a ${wipClass.kind} task is refused: ${why}`,
      remedy: 'Give the address of a git server; an operator can allow or deny hosts with repository_hosts',
    });
  }
}

/** Refuses addresses for requests that are already known to be forbidden. A node checks again when it connects. */
function checkReceivers(deps: PrepareTaskDeps, wipClass: WipClass, options: Readonly<Record<string, unknown>>): void {
  for (const name of wipClass.options.receivers ?? []) {
    const address = options[name];
    if (typeof address !== 'string') continue;
    const { outgoingHosts } = deps.settings;
    const why = whyReceiverRefused(outgoingHosts, address) ?? whyAddressRefused(outgoingHosts, address);
    if (why === null) continue;
    throw new OperationalError('OPTIONS_INVALID', {
      happened: `The option ${name} of a ${wipClass.kind} task is refused: ${why}`,
      remedy: 'Give the address of a service that an operator allows with outgoing_hosts',
    });
  }
}
