import { randomUUID } from 'node:crypto';
import { OperationalError } from '../../shared/model/error.ts';
import type { Priority } from '../../shared/model/status.ts';
import { seal } from '../../shared/support/sealing.ts';
import type { Secret } from '../../shared/support/secret.ts';
import { sha256Hex } from '../../shared/support/signing.ts';
import type { NewTask } from '../store/tasks/add-task.ts';
import { parseOptions, type WipClass } from '../tasks/basic-wip.ts';

export interface TaskToAdd {
  readonly kind: string;
  /** Not yet checked: only the task's class knows its options. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly title?: string;
  readonly group?: string;
  readonly priority?: Priority;
}

export interface PreparingWorld {
  readonly kinds: ReadonlyMap<string, WipClass>;
  readonly masterKey: Secret<Buffer>;
  readonly maxRunSeconds: number;
}

/** The place where secret options of a task are sealed for. */
export const optionPlace = (taskUuid: string, name: string): string => `task/${taskUuid}/option/${name}`;

/** The row of a task as its class wants it, secret options sealed. Throws TASK_KIND_UNKNOWN or OPTIONS_INVALID. */
export function prepareTask(world: PreparingWorld, task: TaskToAdd): NewTask {
  const wipClass = world.kinds.get(task.kind);
  if (!wipClass) {
    throw new OperationalError('TASK_KIND_UNKNOWN', {
      happened: `There is no kind of task named "${task.kind}"`,
      remedy: `Use one of ${[...world.kinds.keys()].join(', ')}`,
    });
  }
  const uuid = randomUUID();
  const options = { ...(parseOptions(wipClass, task.options) as Record<string, unknown>) };
  const wip = wipClass.create({ uuid, options });
  for (const name of wipClass.options.sealed) {
    if (options[name] === undefined) continue;
    options[name] = seal(world.masterKey.reveal(), JSON.stringify(options[name]), optionPlace(uuid, name));
  }
  return {
    uuid,
    kind: task.kind,
    classVersion: String(wipClass.version),
    title: task.title ?? wip.title,
    group: task.group ?? wip.group,
    priority: task.priority ?? wip.priority,
    workId: sha256Hex(wip.workId()),
    options,
    maxRunSeconds: world.maxRunSeconds,
  };
}
