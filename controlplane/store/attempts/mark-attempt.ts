import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { ContainerAddress } from '../../containers/container.ts';
import type { EndCause } from '../../containers/causes/end-cause.ts';
import { json } from '../json.ts';
import { ATTEMPT, LIVE, STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';
import type { AttemptLimits, EcsWitness, SshWitness } from '../schema/container-tables.ts';
import { WAKES_AT_ONCE } from '../tasks/wakes.ts';
import { WAKE_CHANNEL } from '../wake-channel.ts';
import { wakeForRoom } from './wake-for-room.ts';

/** Notes that ECS answered the launch. A void attempt stays void: its container is reaped. */
export async function markLaunched(db: Kysely<Schema>, attemptId: number, arn: string): Promise<'marked' | 'void'> {
  const { rows } = await sql<{ state: string }>`
    UPDATE container_attempt SET arn = ${arn}, launched_at = coalesce(launched_at, now()),
      state = CASE state WHEN ${ATTEMPT.intended} THEN ${ATTEMPT.launched} ELSE state END
    WHERE id = ${attemptId} RETURNING state`.execute(db);
  if (rows[0]?.state === 'void') return 'void';
  // A launch succeeded, so the cluster has room and its settings work.
  await wakeForRoom(db, attemptId);
  return 'marked';
}

/** Notes that the attempt will never have a container: its launch was refused, or is given up. Late enrolments get 410. */
export async function markVoid(db: Kysely<Schema>, attemptId: number, cause: string): Promise<'marked' | 'launched'> {
  await sql`
    UPDATE container_attempt SET state = ${ATTEMPT.void}, resolved_at = now(), cause = ${cause}
    WHERE id = ${attemptId} AND state = ${ATTEMPT.intended}`.execute(db);
  const { state } = await db
    .selectFrom('containerAttempt')
    .select('state')
    .where('id', '=', attemptId)
    .executeTakeFirstOrThrow();
  return state === 'void' ? 'marked' : 'launched';
}

/** Notes that the container is gone for good, so that a new attempt may start. */
export async function markStopped(db: Kysely<Schema>, attemptId: number, cause: string): Promise<void> {
  const { numAffectedRows } = await sql`
    UPDATE container_attempt SET state = ${ATTEMPT.stopped}, resolved_at = now(), cause = coalesce(cause, ${cause})
    WHERE id = ${attemptId} AND state IN ${LIVE}`.execute(db);
  // The stopped container has made room.
  if (numAffectedRows) await wakeForRoom(db, attemptId);
}

/** Stores why the container ended. The first decision stays. */
export async function markExplained(db: Kysely<Schema>, attemptId: number, end: EndCause): Promise<void> {
  await sql`
    UPDATE container_attempt SET end_cause = ${json(end)}, cause = ${end.cause}
    WHERE id = ${attemptId} AND end_cause IS NULL`.execute(db);
}

/** Notes that the task asks the agent of the container to shut down. */
export async function markReleased(db: Kysely<Schema>, attemptId: number): Promise<void> {
  await sql`UPDATE container_attempt SET released_at = coalesce(released_at, now()) WHERE id = ${attemptId}`.execute(
    db,
  );
}

/** Notes that the agent has answered over SSH, with the pinned key, at the address that ECS reports. */
export async function markVerified(
  db: Kysely<Schema>,
  attemptId: number,
  address: ContainerAddress,
  limits: AttemptLimits | null = null,
): Promise<void> {
  await sql`
    UPDATE container_attempt SET ssh_verified_at = coalesce(ssh_verified_at, now()), address = ${json(address)},
      limits = coalesce(${limits && json(limits)}, limits)
    WHERE id = ${attemptId}`.execute(db);
}

export interface Witnessed {
  /** ECS's last description. */
  readonly ecs?: EcsWitness;
  /** The outcome of the last SSH check. */
  readonly ssh?: SshWitness;
  /** ECS says RUNNING. Enrolment is open for ten minutes from the first time. */
  readonly isRunning?: true;
  readonly address?: ContainerAddress;
}

export async function markWitnessed(db: Kysely<Schema>, attemptId: number, seen: Witnessed): Promise<void> {
  const sets = [
    ...(seen.ecs ? [sql`ecs_witness = ${notInTheFuture(seen.ecs)}`] : []),
    ...(seen.ssh ? [sql`ssh_witness = ${json(seen.ssh)}`] : []),
    ...(seen.isRunning ? [sql`running_at = coalesce(running_at, now())`] : []),
    ...(seen.address ? [sql`address = ${json(seen.address)}`] : []),
  ];
  if (sets.length === 0) return;
  await sql`UPDATE container_attempt SET ${sql.join(sets)} WHERE id = ${attemptId}`.execute(db);
}

/**
 * Returns the witness with no instant after the present time of the database. A node notes instants by its own clock, and the next
 * step compares them with the database's: a container that a node saw end twenty minutes ahead would have ended just now for so
 * long, and its task would wait for last words.
 */
function notInTheFuture(witness: EcsWitness): RawBuilder<unknown> {
  return sql`(
    SELECT jsonb_object_agg(key, CASE WHEN key IN ('seenAt', 'stoppedAt', 'exitedAt')
      THEN CASE WHEN (value #>> '{}')::timestamptz > now()
        THEN to_jsonb(to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ELSE value END
      ELSE value END)
    FROM jsonb_each(${json(witness)}))`;
}

/** Pins the host key of a container that could not enrol, and returns the one that is pinned: the first stays. */
export async function pinHostKey(db: Kysely<Schema>, attemptId: number, line: string): Promise<string> {
  const { rows } = await sql<{ hostKey: string }>`
    UPDATE container_attempt SET host_key = coalesce(host_key, ${line}) WHERE id = ${attemptId} RETURNING host_key`.execute(
    db,
  );
  if (!rows[0]) throw new Error(`there is no container attempt ${attemptId}`);
  return rows[0].hostKey;
}

/** Ends any wait of the attempt's task, because something about the attempt has changed. */
export async function wakeTaskOfAttempt(db: Kysely<Schema>, attemptId: number): Promise<void> {
  await sql`
    WITH woken AS (
      UPDATE task SET ${WAKES_AT_ONCE} FROM container_attempt attempt
      WHERE attempt.id = ${attemptId} AND task.id = attempt.task_id AND task.current_attempt = attempt.number
        AND task.status <> ${STATUS.COMPLETE}
      RETURNING task.id)
    SELECT pg_notify(${WAKE_CHANNEL}, id::text) FROM woken`.execute(db);
}
