import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../../../controlplane/store/schema.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';
import type { TaskId } from '../../../shared/model/ids.ts';

// In real time, as the looks of `until`.
const LOOK_MS = 20;

/**
 * Waits until the task has entered a state since then. Returns `entered` soon after it: the method of the state may have
 * run by then. `over`: the task has ended, or the wait was aborted.
 */
export async function untilEntered(
  db: Db,
  { task, state, since }: { task: TaskId; state: string; since: Date },
  abort: AbortSignal,
): Promise<'entered' | 'over'> {
  while (!abort.aborted) {
    const row = await db
      .selectFrom('task')
      .select(['status', 'entering', 'state'])
      .where('id', '=', task)
      .executeTakeFirst();
    if (row?.entering === state || row?.state === state) return 'entered';
    // The task may have been there between two looks.
    const step = await db
      .selectFrom('step')
      .select('id')
      .where('taskId', '=', task)
      .where('state', '=', state)
      .where('startedAt', '>=', since)
      .executeTakeFirst();
    if (step) return 'entered';
    if (row === undefined || row.status === TASK_STATUS.COMPLETE) return 'over';
    await delay(LOOK_MS, undefined, { signal: abort }).catch(() => undefined); // aborted: the loop ends
  }
  return 'over';
}
