import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { Schema } from '../schema.ts';

export interface ListedSignal {
  readonly classId: string;
  readonly attempt: number;
  readonly seq: number;
  readonly receivedAt: Date;
  /** `receivedAt` in microseconds since the epoch, as the database has it. */
  readonly receivedMicros: number;
  readonly usedAt: Date | null;
  readonly consumedAt: Date | null;
}

/**
 * Returns every signal that any container of the task has sent, without its body, in the order in which they arrived.
 */
export async function listTaskSignals(db: Kysely<Schema>, taskId: TaskId): Promise<ListedSignal[]> {
  return db
    .selectFrom('signal')
    .innerJoin('containerAttempt as attempt', 'attempt.id', 'signal.attemptId')
    .select(['signal.classId', 'attempt.number as attempt', 'signal.seq', 'signal.receivedAt'])
    .select(['signal.usedAt', 'signal.consumedAt'])
    .select(sql<number>`(extract(epoch FROM signal.received_at) * 1000000)::float8`.as('receivedMicros'))
    .where('signal.taskId', '=', taskId)
    .orderBy('signal.id')
    .execute();
}
