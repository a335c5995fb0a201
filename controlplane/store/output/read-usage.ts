import { sql, type Kysely } from 'kysely';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { JsonObject } from '../json.ts';
import type { Schema } from '../schema.ts';

/**
 * The last figures of one attempt: those of its exit signal, otherwise of its newest heartbeat. A peak that is missing in the
 * exit signal is taken from the heartbeat: an agent that measures at its very end may find that its processes are gone.
 */
export interface AttemptUsage {
  readonly attempt: number;
  readonly source: 'exit' | 'heartbeat';
  readonly usage: JsonObject;
}

export async function readUsage(db: Kysely<Schema>, taskId: TaskId): Promise<AttemptUsage[]> {
  const exits = await db
    .selectFrom('signal')
    .innerJoin('containerAttempt as attempt', 'attempt.id', 'signal.attemptId')
    .select(['attempt.number as attempt', 'signal.body'])
    .where('signal.taskId', '=', taskId)
    .where('signal.classId', '=', CLASS_ID.exit)
    .orderBy('signal.seq')
    .execute();
  const known = new Map<number, AttemptUsage>();
  for (const { attempt, usage } of await newestSamples(db, taskId))
    known.set(attempt, { attempt, source: 'heartbeat', usage });
  for (const { attempt, body } of exits) {
    const told = 'usage' in body ? body.usage : undefined;
    if (!isObject(told)) continue;
    const usage = withPeaks(told, known.get(attempt)?.usage ?? {});
    known.set(attempt, { attempt, source: 'exit', usage });
  }
  return [...known.values()].sort((a, b) => a.attempt - b.attempt);
}

/** Returns the highest use of memory that heartbeats of an attempt have reported, in bytes; null: none has. */
export async function readMemoryPeak(db: Kysely<Schema>, attemptId: number): Promise<number | null> {
  const { rows } = await sql<{ peak: number | null }>`
    SELECT max((usage->>'memoryPeakBytes')::float8) AS peak FROM usage_sample WHERE attempt_id = ${attemptId}`.execute(
    db,
  );
  return rows[0]?.peak ?? null;
}

function withPeaks(usage: JsonObject, heartbeat: JsonObject): JsonObject {
  const whole = fillIn(usage, heartbeat, ['memoryPeakBytes']);
  const [disk, before] = [usage['disk'], heartbeat['disk']];
  if (!isObject(disk) || !isObject(before)) return whole;
  return { ...whole, disk: fillIn(disk, before, ['workloadBytes', 'peakBytes']) };
}

/** Returns `one`, with its unknown fields taken from `other`. */
function fillIn(one: JsonObject, other: JsonObject, fields: readonly string[]): JsonObject {
  const missing = fields.filter((field) => (one[field] ?? null) === null && (other[field] ?? null) !== null);
  return { ...one, ...Object.fromEntries(missing.map((field) => [field, other[field]])) };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function newestSamples(db: Kysely<Schema>, taskId: TaskId): Promise<{ attempt: number; usage: JsonObject }[]> {
  return db
    .selectFrom('containerAttempt as attempt')
    .innerJoinLateral(
      (lateral) =>
        lateral
          .selectFrom('usageSample as sample')
          .select('sample.usage')
          .whereRef('sample.attemptId', '=', 'attempt.id')
          .orderBy('sample.at', 'desc')
          .limit(1)
          .as('newest'),
      (join) => join.onTrue(),
    )
    .select(['attempt.number as attempt', 'newest.usage'])
    .where('attempt.taskId', '=', taskId)
    .execute();
}

/** Returns the heartbeats of the task, oldest first, for the resource chart. */
export async function listUsageSamples(
  db: Kysely<Schema>,
  taskId: TaskId,
  from: { readonly since?: Date; readonly limit?: number } = {},
): Promise<{ attempt: number; at: Date; usage: JsonObject; progress: number }[]> {
  return db
    .selectFrom('usageSample as sample')
    .innerJoin('containerAttempt as attempt', 'attempt.id', 'sample.attemptId')
    .select(['attempt.number as attempt', 'sample.at', 'sample.usage', 'sample.progress'])
    .where('attempt.taskId', '=', taskId)
    .$if(from.since !== undefined, (query) => query.where('sample.at', '>', from.since!))
    .orderBy('sample.at')
    .$if(from.limit !== undefined, (query) => query.limit(from.limit!))
    .execute();
}
