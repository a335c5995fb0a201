import { sql, type Kysely, type Transaction } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { JsonObject, Schema } from '../schema.ts';

/** What a step belongs to: a task, as claimed. Every write of the step carries the token and is fenced by it. */
export interface Fence {
  readonly id: TaskId;
  readonly token: number;
}

/** A signal in the task's inbox. It stays there until a step that consumed it is saved. */
export interface InboxSignal {
  readonly id: number;
  /** The number of the container attempt it came from. */
  readonly attempt: number;
  readonly seq: number;
  readonly classId: string;
  readonly body: JsonObject;
  readonly receivedAt: Date;
}

export interface BegunStep {
  /** The whole inbox, in order of attempt and sequence: what moved in now and what earlier steps left there. */
  readonly inbox: readonly InboxSignal[];
  readonly terminateRequested: boolean;
  /** The task itself is paused: finish nothing more than this step. */
  readonly paused: boolean;
  /** Where the wait that ended would have ended by itself; a save with `wait-on` goes back to it. */
  readonly waitUntil: Date | null;
  /** Number of the attempt whose signals touch the task; null before the first and after a restart. */
  readonly currentAttempt: number | null;
  /** How many attempts there ever were. */
  readonly attempts: number;
  /** The task has run longer than maxRunSeconds. */
  readonly isOverdue: boolean;
  /** The database's time. */
  readonly now: Date;
}

/**
 * Begins a step: new signals of the current attempt move into the inbox, and what the step has seen is noted, so
 * that its save can tell whether something came since. null: fenced, another node has the task; drop it.
 */
export async function beginStep(db: Kysely<Schema>, fence: Fence): Promise<BegunStep | null> {
  return db.transaction().execute(async (tx) => {
    // The lock first, the signals in a statement of its own after it: whoever raised wake_seq before us has
    // committed its signal by then, and whoever comes later raises it above seen_seq.
    const { rows } = await sql<Omit<BegunStep, 'inbox'>>`
      UPDATE task SET seen_seq = wake_seq WHERE id = ${fence.id} AND token = ${fence.token} AND status = 2
      RETURNING terminate_requested_at IS NOT NULL AS terminate_requested, paused, wait_until, current_attempt, attempts,
        coalesce(now() > started_at + make_interval(secs => max_run_seconds), false) AS is_overdue, now() AS now`.execute(
      tx,
    );
    const task = rows[0];
    if (!task) return null;
    if (task.currentAttempt !== null) await moveIntoInbox(tx, fence.id, task.currentAttempt);
    return { ...task, inbox: await readInbox(tx, fence.id) };
  });
}

async function moveIntoInbox(tx: Transaction<Schema>, task: TaskId, attempt: number): Promise<void> {
  await sql`UPDATE signal SET used_at = now() FROM container_attempt attempt
    WHERE attempt.task_id = ${task} AND attempt.number = ${attempt}
      AND signal.attempt_id = attempt.id AND signal.used_at IS NULL`.execute(tx);
}

async function readInbox(tx: Transaction<Schema>, task: TaskId): Promise<InboxSignal[]> {
  return tx
    .selectFrom('signal')
    .innerJoin('containerAttempt as attempt', 'attempt.id', 'signal.attemptId')
    .select([
      'signal.id',
      'attempt.number as attempt',
      'signal.seq',
      'signal.classId',
      'signal.body',
      'signal.receivedAt',
    ])
    .where('signal.taskId', '=', task)
    .where('signal.usedAt', 'is not', null)
    .where('signal.consumedAt', 'is', null)
    .orderBy('attempt.number')
    .orderBy('signal.seq')
    .execute();
}
