import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import type { Schema } from '../schema.ts';

export interface EndSignal {
  /** Number of the attempt. */
  readonly attempt: number;
  readonly classId: string;
  readonly body: unknown;
}

/** Returns the output and exit signals of a task's containers, and the time of the database. */
export async function readEndSignals(
  db: Kysely<Schema>,
  taskId: TaskId,
): Promise<{ readonly now: Date; readonly signals: readonly EndSignal[] }> {
  const { rows } = await sql<EndSignal & { now: Date }>`
    SELECT now() AS now, ending.attempt, ending.class_id, ending.body
    FROM (VALUES (1)) AS one
    LEFT JOIN (
      SELECT attempt.number AS attempt, signal.class_id, signal.body FROM signal
      JOIN container_attempt attempt ON attempt.id = signal.attempt_id
      WHERE signal.task_id = ${taskId} AND signal.class_id IN (${CLASS_ID.output}, ${CLASS_ID.exit})) AS ending ON true`.execute(
    db,
  );
  const [first] = rows;
  if (!first) throw new Error('the time of the database was not told');
  return { now: first.now, signals: rows.filter(({ attempt }) => attempt !== null) };
}
