import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { LOG_LEVEL } from '../../tasks/context.ts';
import { cleanText } from '../json-text.ts';
import type { Schema } from '../schema.ts';

// An error may hold all that could not be stored.
const MAX_MESSAGE = 10_000;

/** Adds a warning to the log of a task, whoever has it now: it is about code that no step waits for any more. */
export async function noteLate(db: Kysely<Schema>, task: TaskId, message: string): Promise<void> {
  const text = cleanText(message.slice(0, MAX_MESSAGE));
  // A task that was pruned has no log.
  await sql`
    INSERT INTO task_log (task_id, level, message, is_user_readable)
    SELECT id, ${LOG_LEVEL.WARN}, ${text}, false FROM task WHERE id = ${task}`.execute(db);
}
