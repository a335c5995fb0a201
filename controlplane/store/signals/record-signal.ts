import { sql, type Kysely } from 'kysely';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import type { CallbackId, TaskId } from '../../../shared/model/ids.ts';
import { json } from '../json.ts';
import type { JsonObject, Schema } from '../schema.ts';
import { HAS_WOKEN, WAKES } from '../tasks/wakes.ts';

export interface ReceivedSignal {
  readonly callbackId: CallbackId;
  /** `<keyId>:<sequence>`. */
  readonly webhookId: string;
  readonly seq: number;
  readonly classId: string;
  readonly body: JsonObject;
  /** Hex SHA-256 of the raw body: tells a repetition from another body under the same id. */
  readonly bodySha256: string;
}

export type RecordOutcome =
  /** `hasWoken`: its task slept and is runnable now, of which the nodes should be told. */
  | { readonly kind: 'recorded'; readonly taskId: TaskId; readonly hasWoken: boolean }
  /** The same id and body again: the first one counted. */
  | { readonly kind: 'repeated'; readonly taskId: TaskId }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'unknown' };

/**
 * Keeps a signal whose signature has been verified, and wakes its task if the attempt is its current one; committed
 * when this resolves. Signals of older attempts and of finished tasks are kept too, and touch nothing.
 */
export async function recordSignal(db: Kysely<Schema>, signal: ReceivedSignal): Promise<RecordOutcome> {
  const { rows } = await sql<{ taskId: TaskId; hasWoken: boolean }>`
    WITH attempt AS (
      UPDATE container_attempt SET agent_seen_at = now(),
        first_signature_at = coalesce(first_signature_at, now()),
        ready_at = CASE WHEN ${signal.classId} = ${CLASS_ID.ready} THEN coalesce(ready_at, now()) ELSE ready_at END
      WHERE callback_id = ${signal.callbackId} RETURNING id, task_id, number),
    kept AS (
      INSERT INTO signal (attempt_id, task_id, seq, webhook_id, class_id, body, body_sha256)
      SELECT id, task_id, ${signal.seq}, ${signal.webhookId}, ${signal.classId}, ${json(signal.body)}, ${signal.bodySha256}
      FROM attempt
      ON CONFLICT (attempt_id, webhook_id) DO NOTHING
      RETURNING task_id),
    woken AS (
      UPDATE task SET ${WAKES} FROM kept, attempt
      WHERE task.id = kept.task_id AND task.current_attempt = attempt.number AND task.status <> 3
      RETURNING task.status, task.wake_at)
    SELECT task_id, EXISTS (SELECT FROM woken WHERE ${HAS_WOKEN}) AS has_woken FROM kept`.execute(db);
  const kept = rows[0];
  return kept ? { kind: 'recorded', ...kept } : whyNotKept(db, signal);
}

async function whyNotKept(db: Kysely<Schema>, signal: ReceivedSignal): Promise<RecordOutcome> {
  const earlier = await db
    .selectFrom('signal')
    .innerJoin('containerAttempt as attempt', 'attempt.id', 'signal.attemptId')
    .select(['signal.taskId', 'signal.bodySha256'])
    .where('attempt.callbackId', '=', signal.callbackId)
    .where('signal.webhookId', '=', signal.webhookId)
    .executeTakeFirst();
  if (!earlier) return { kind: 'unknown' };
  return earlier.bodySha256 === signal.bodySha256 ? { kind: 'repeated', taskId: earlier.taskId } : { kind: 'conflict' };
}
