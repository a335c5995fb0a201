import { sql, type Kysely } from 'kysely';
import type { CallbackId } from '../../../shared/model/ids.ts';
import type { Usage } from '../../../shared/protocol/signals.ts';
import { json } from '../json.ts';
import type { Schema } from '../schema.ts';
import { HAS_ENDED } from '../signals/has-ended.ts';

export interface NewUsageSample {
  /** Time of the agent's clock, which orders the samples of one container. */
  readonly at: Date;
  readonly usage: Usage;
  readonly progress: number;
  readonly secondsToTimeLimit: number | null;
  readonly secondsToDiskLimit: number | null;
}

export interface UsageReport {
  readonly callbackId: CallbackId;
  readonly sample: NewUsageSample;
}

/**
 * Stores heartbeats, many in one commit: thousands of agents report in the same half minute. A repeated heartbeat
 * changes nothing, nor does one that arrives after the exit of its attempt.
 */
export async function appendUsageSamples(db: Kysely<Schema>, reports: readonly UsageReport[]): Promise<void> {
  if (reports.length === 0) return;
  const rows = reports.map(({ callbackId, sample }) => ({ callbackId, ...sample }));
  await sql`
    WITH report AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${json(rows)}) AS row ("callbackId" text, at timestamptz, usage jsonb,
        progress bigint, "secondsToTimeLimit" float8, "secondsToDiskLimit" float8)),
    attempt AS (
      UPDATE container_attempt SET agent_seen_at = now(), first_signature_at = coalesce(first_signature_at, now())
      WHERE callback_id IN (SELECT "callbackId" FROM report) AND NOT ${HAS_ENDED} RETURNING id, callback_id)
    INSERT INTO usage_sample (attempt_id, at, usage, progress, seconds_to_time_limit, seconds_to_disk_limit)
    SELECT attempt.id, at, usage, progress, "secondsToTimeLimit", "secondsToDiskLimit"
    FROM report JOIN attempt ON attempt.callback_id = "callbackId"
    ON CONFLICT (attempt_id, at) DO NOTHING`.execute(db);
}
