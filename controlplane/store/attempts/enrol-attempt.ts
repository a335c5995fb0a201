import { sql, type Kysely, type Transaction } from 'kysely';
import type { AttemptUuid } from '../../../shared/model/ids.ts';
import { STATUS } from '../literals.ts';
import type { AttemptRow, Schema } from '../schema.ts';
import { WAKES_AT_ONCE } from '../tasks/wakes.ts';
import { WAKE_CHANNEL } from '../wake-channel.ts';

// Long enough for a slow image to start its agent, short enough that a stolen token soon becomes useless (ten minutes after ECS
// first reports RUNNING).
const ENROLMENT_MINUTES = 10;

export interface Enrolment {
  readonly uuid: AttemptUuid;
  /** Hex SHA-256 of the secret that the agent sent. */
  readonly secretHash: string;
  readonly nonce: string;
  readonly hostKey: string;
  readonly agentVersion: string;
  /** Used for the first enrolment only. A repeated enrolment gets the key of the first. */
  readonly signingKeySealed: string;
  readonly keyId: string;
}

export type EnrolOutcome =
  | { readonly kind: 'enrolled'; readonly attempt: AttemptRow }
  /** The agent did not get the answer and asks again: it gets the same answer. */
  | { readonly kind: 'same'; readonly attempt: AttemptRow }
  /**
   * The same request again after the key of its answer was already used, for example a delayed packet. An attacker gains nothing,
   * because no key is given out again, so an alarm is enough.
   */
  | { readonly kind: 'repeated'; readonly attempt: AttemptRow }
  /**
   * A different caller uses the secret: raise an alarm, and stop the container if it has not passed its SSH check.
   */
  | { readonly kind: 'reused'; readonly attempt: AttemptRow }
  /** The attempt was given up, or its time is over: the agent must exit. */
  | { readonly kind: 'void' }
  | { readonly kind: 'unknown' };

/**
 * Enrols an attempt. One whose container has no agent is refused: it has no token, and an enrolment would give it a second way to
 * authenticate.
 */
export async function enrolAttempt(db: Kysely<Schema>, enrolment: Enrolment): Promise<EnrolOutcome> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<AttemptRow & { isLate: boolean; isCurrent: boolean }>`
      SELECT attempt.*, task.current_attempt = attempt.number AND task.status <> ${STATUS.COMPLETE} AS is_current,
        coalesce(now() > attempt.running_at + make_interval(mins => ${ENROLMENT_MINUTES}), false) AS is_late
      FROM container_attempt attempt JOIN task ON task.id = attempt.task_id
      WHERE attempt.uuid = ${enrolment.uuid} AND attempt.secret_hash = ${enrolment.secretHash}
        AND attempt.signal_secret_hash IS NULL
      FOR NO KEY UPDATE OF attempt`.execute(tx);
    const attempt = rows[0];
    if (!attempt) return { kind: 'unknown' };
    if (attempt.state === 'void' || attempt.state === 'stopped' || !attempt.isCurrent) return { kind: 'void' };
    if (attempt.enrolledAt === null) return attempt.isLate ? { kind: 'void' } : enrolFirst(tx, enrolment);
    const isSame = attempt.nonce === enrolment.nonce && attempt.hostKey === enrolment.hostKey;
    if (isSame) return { kind: attempt.firstSignatureAt === null ? 'same' : 'repeated', attempt };
    return noteReuse(tx, attempt);
  });
}

async function enrolFirst(tx: Transaction<Schema>, enrolment: Enrolment): Promise<EnrolOutcome> {
  const { rows } = await sql<AttemptRow>`
    UPDATE container_attempt SET enrolled_at = now(), agent_seen_at = now(), nonce = ${enrolment.nonce},
      host_key = ${enrolment.hostKey}, agent_version = ${enrolment.agentVersion},
      signing_key_sealed = ${enrolment.signingKeySealed}, key_id = ${enrolment.keyId}
    WHERE uuid = ${enrolment.uuid} RETURNING *`.execute(tx);
  return { kind: 'enrolled', attempt: rows[0]! };
}

/** Wakes the task, because the task stops its container. */
async function noteReuse(tx: Transaction<Schema>, attempt: AttemptRow): Promise<EnrolOutcome> {
  await sql`UPDATE container_attempt SET reused_at = coalesce(reused_at, now()) WHERE id = ${attempt.id}`.execute(tx);
  await sql`WITH woken AS (UPDATE task SET ${WAKES_AT_ONCE} WHERE id = ${attempt.taskId} AND status <> ${STATUS.COMPLETE} RETURNING id)
    SELECT pg_notify(${WAKE_CHANNEL}, id::text) FROM woken`.execute(tx);
  return { kind: 'reused', attempt };
}
