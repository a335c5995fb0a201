import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import type { AttemptRow, JsonObject, Schema } from '../schema.ts';

export interface AttemptSignal {
  readonly classId: string;
  readonly body: JsonObject;
}

export interface SpokenAttempt extends AttemptRow {
  /** What its container has said of its own life, consumed or not: ready, output and exit, oldest first. */
  readonly said: readonly AttemptSignal[];
}

const LIFE = [CLASS_ID.ready, CLASS_ID.output, CLASS_ID.exit];

/** An attempt with what its container said, in one round trip, because every step of a task begins with it. */
export async function readSpokenAttempt(
  db: Kysely<Schema>,
  { taskId, number }: { taskId: TaskId; number: number },
): Promise<SpokenAttempt | null> {
  const { rows } = await sql<SpokenAttempt>`
    SELECT attempt.*, (
      SELECT coalesce(jsonb_agg(jsonb_build_object('classId', class_id, 'body', body) ORDER BY seq), '[]') FROM signal
      WHERE attempt_id = attempt.id AND class_id = ANY(${LIFE}::text[])) AS said
    FROM container_attempt attempt WHERE task_id = ${taskId} AND number = ${number}`.execute(db);
  return rows[0] ?? null;
}
