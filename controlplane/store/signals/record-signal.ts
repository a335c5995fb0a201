import { sql, type Kysely, type RawBuilder } from 'kysely';
import { CLASS_ID, type Signal } from '../../../shared/protocol/signals.ts';
import type { CallbackId, TaskId } from '../../../shared/model/ids.ts';
import { json } from '../json.ts';
import { cleanText } from '../json-text.ts';
import { STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';
import { HAS_WOKEN, WAKES } from '../tasks/wakes.ts';
import { HAS_ENDED } from './has-ended.ts';

export interface ReceivedSignal {
  readonly callbackId: CallbackId;
  /** `<keyId>:<sequence>`. */
  readonly webhookId: string;
  readonly seq: number;
  readonly classId: string;
  readonly body: Signal;
  /** Hex SHA-256 of the raw body. It tells a repetition from another body under the same id. */
  readonly bodySha256: string;
}

export type RecordOutcome =
  /** `hasWoken`: the task slept and is runnable now; the caller notifies the nodes. */
  | { readonly kind: 'recorded'; readonly taskId: TaskId; readonly hasWoken: boolean }
  /** The same id and body again: the first one counted. */
  | { readonly kind: 'repeated'; readonly taskId: TaskId }
  | { readonly kind: 'conflict' }
  /** The attempt has sent its exit signal, after which no signal is kept. */
  | { readonly kind: 'ended' }
  /** The attempt has reached the number of signals that are kept. */
  | { readonly kind: 'full' }
  | { readonly kind: 'unknown' };

// The level INFO of tasks/context.ts.
const INFO = 5;

/** Bounds of the signals that are kept of one attempt. */
export interface SignalBounds {
  readonly signals: number;
  readonly bytes: number;
  readonly outputs: number;
}

// A task may check its container by a process every ten seconds for a day, with 1 kB for each. The output signal
// comes once, and once more when the container is stopped twice. The exit signal always has room.
const DEFAULT_BOUNDS: SignalBounds = { signals: 10_000, bytes: 32 * 1024 * 1024, outputs: 4 };

/**
 * Stores a signal whose signature has been verified, and wakes its task if the attempt is its current one; committed
 * when this resolves. Signals of older attempts and of finished tasks are stored too, and wake no task.
 *
 * A signal and the end of its task are ordered by the lock of the task's row. Before the end, a step meets the signal,
 * after a takeover too. After it, no step does and the exit stays as it is: what the container says about its own end
 * goes to the log of the task.
 */
export async function recordSignal(
  db: Kysely<Schema>,
  signal: ReceivedSignal,
  bounds: SignalBounds = DEFAULT_BOUNDS,
): Promise<RecordOutcome> {
  const { rows } = await sql<{ taskId: TaskId; hasWoken: boolean }>`
    WITH attempt AS (
      UPDATE container_attempt SET agent_seen_at = CASE WHEN ${HAS_ENDED} THEN agent_seen_at ELSE now() END,
        first_signature_at = coalesce(first_signature_at, now()),
        ready_at = CASE WHEN ${signal.classId} = ${CLASS_ID.ready} AND NOT ${HAS_ENDED} THEN coalesce(ready_at, now())
          ELSE ready_at END
      WHERE callback_id = ${signal.callbackId} RETURNING id, task_id, number),
    before AS (
      SELECT count(*) FILTER (WHERE class_id = ${CLASS_ID.exit}) AS exits,
        count(*) FILTER (WHERE class_id = ${CLASS_ID.output}) AS outputs,
        count(*) FILTER (WHERE class_id <> ${CLASS_ID.output}) AS others,
        coalesce(sum(pg_column_size(body)) FILTER (WHERE class_id <> ${CLASS_ID.output}), 0) AS bytes
      FROM signal WHERE attempt_id = (SELECT id FROM attempt)),
    kept AS (
      INSERT INTO signal (attempt_id, task_id, seq, webhook_id, class_id, body, body_sha256)
      SELECT id, task_id, ${signal.seq}, ${signal.webhookId}, ${signal.classId}, ${json(signal.body)}, ${signal.bodySha256}
      FROM attempt, before WHERE exits = 0 AND ${roomFor(signal.classId, bounds)}
      ON CONFLICT (attempt_id, webhook_id) DO NOTHING
      RETURNING task_id),
    touched AS (
      UPDATE task SET ${WAKES} FROM kept, attempt
      WHERE task.id = kept.task_id AND task.current_attempt = attempt.number
      RETURNING task.id, task.status, task.wake_at),
    late AS (
      INSERT INTO task_log (task_id, level, message, is_user_readable)
      SELECT id, ${INFO}::smallint, ${lateMessage(signal.body)}::text, true FROM touched
      WHERE status = ${STATUS.COMPLETE} AND ${lateMessage(signal.body)}::text IS NOT NULL)
    SELECT task_id, EXISTS (SELECT FROM touched WHERE ${HAS_WOKEN}) AS has_woken FROM kept`.execute(db);
  const kept = rows[0];
  return kept ? { kind: 'recorded', ...kept } : whyNotKept(db, signal);
}

/** Returns what the log of a finished task says of the signal; null for signals that only the transcript lists. */
function lateMessage(signal: Signal): string | null {
  if (signal.classId === CLASS_ID.output)
    return cleanText(`After the end of the task its container said: ${signal.exitLog}`);
  if (signal.classId !== CLASS_ID.exit) return null;
  const why = signal.cause === undefined ? '' : ` (${signal.cause})`;
  return `After the end of the task its container reported its own end${why}.`;
}

/**
 * Returns the condition that the attempt may store another signal of this class. Terminal signals have a limit of their own, so
 * that the end of the container is always kept.
 */
function roomFor(classId: string, bounds: SignalBounds): RawBuilder<unknown> {
  if (classId === CLASS_ID.exit) return sql`true`;
  if (classId === CLASS_ID.output) return sql`outputs < ${bounds.outputs}`;
  return sql`others < ${bounds.signals} AND bytes < ${bounds.bytes}`;
}

async function whyNotKept(db: Kysely<Schema>, signal: ReceivedSignal): Promise<RecordOutcome> {
  const earlier = await db
    .selectFrom('signal')
    .innerJoin('containerAttempt as attempt', 'attempt.id', 'signal.attemptId')
    .select(['signal.taskId', 'signal.bodySha256'])
    .where('attempt.callbackId', '=', signal.callbackId)
    .where('signal.webhookId', '=', signal.webhookId)
    .executeTakeFirst();
  if (!earlier) return whyRefused(db, signal.callbackId);
  return earlier.bodySha256 === signal.bodySha256 ? { kind: 'repeated', taskId: earlier.taskId } : { kind: 'conflict' };
}

async function whyRefused(db: Kysely<Schema>, callbackId: CallbackId): Promise<RecordOutcome> {
  const attempt = await db
    .selectFrom('containerAttempt as attempt')
    .leftJoin('signal as exit', (join) =>
      join.onRef('exit.attemptId', '=', 'attempt.id').on('exit.classId', '=', CLASS_ID.exit),
    )
    .select('exit.id as exitId')
    .where('attempt.callbackId', '=', callbackId)
    .limit(1)
    .executeTakeFirst();
  if (!attempt) return { kind: 'unknown' };
  return { kind: attempt.exitId === null ? 'full' : 'ended' };
}
