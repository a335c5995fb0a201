import { messageOf } from '../../../shared/model/error.ts';
import type { ClaimedTask } from '../../store/tasks/queue.ts';
import type { WipClass } from '../../tasks/basic-wip.ts';
import { LOG_LEVEL } from '../../tasks/context.ts';
import type { TaskDraft } from './task-draft.ts';

/** Why a task cannot be stepped at all, and so ends. */
export interface Unfit {
  readonly cause: string;
  readonly message: string;
}

/** Lets a task that another version of its class has saved go on under this one; committed with its next save. */
export function migrateTask({ kind, version, migration }: WipClass, row: ClaimedTask, draft: TaskDraft): Unfit | null {
  const from = `version ${row.classVersion} of ${kind}`;
  if (!migration) throw new Error(`a task of ${from} was claimed, which this node does not have`);
  try {
    draft.memory = migration.migrate(Number(row.classVersion), draft.memory);
  } catch (error) {
    return {
      cause: 'class-version',
      message: `The task was saved by ${from} and cannot go on under version ${version}: ${messageOf(error).replace(/\.$/, '')}.`,
    };
  }
  draft.classVersion = String(version);
  draft.log(LOG_LEVEL.INFO, `The task was saved by ${from} and goes on under version ${version}.`, false);
  return null;
}
