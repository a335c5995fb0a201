import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';

export interface OutboxSummary {
  /** Requests that are not settled. */
  readonly requests: number;
  /** Seconds since the oldest of them was given; 0 when there is none. */
  readonly oldestSeconds: number;
}

export async function summariseOutbox(db: Kysely<Schema>): Promise<OutboxSummary> {
  const { rows } = await sql<OutboxSummary>`
    SELECT count(*)::int AS requests,
      coalesce(extract(epoch FROM now() - min(effect.created_at)), 0)::float8 AS oldest_seconds
    FROM outbox JOIN effect ON effect.key = outbox.effect_key`.execute(db);
  return rows[0] ?? { requests: 0, oldestSeconds: 0 };
}
