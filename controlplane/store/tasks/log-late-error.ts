import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { LOG_LEVEL } from '../../tasks/context.ts';
import { cleanText } from '../json-text.ts';
import type { Schema } from '../schema.ts';

// The message is cut, because an error may contain all the data that could not be stored.
const MAX_MESSAGE = 10_000;

/** Adds a warning to the log of a task, whichever node holds the task: the warning is about code for which no step waits any more. */
export async function logLateError(db: Kysely<Schema>, task: TaskId, message: string): Promise<void> {
  const text = cleanText(message.slice(0, MAX_MESSAGE));
  // A task that was pruned has no log.
  await sql`
    INSERT INTO task_log (task_id, level, message, is_user_readable)
    SELECT id, ${LOG_LEVEL.WARN}, ${text}, false FROM task WHERE id = ${task}`.execute(db);
}
