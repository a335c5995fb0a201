import type { Kysely } from 'kysely';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import type { JsonObject, Schema } from '../schema.ts';

export interface AttemptSignal {
  readonly classId: string;
  readonly body: JsonObject;
}

/** What the container of an attempt has said of its own life, consumed or not: ready, output and exit, oldest first. */
export async function readAttemptSignals(db: Kysely<Schema>, attemptId: number): Promise<AttemptSignal[]> {
  return db
    .selectFrom('signal')
    .select(['classId', 'body'])
    .where('attemptId', '=', attemptId)
    .where('classId', 'in', [CLASS_ID.ready, CLASS_ID.output, CLASS_ID.exit])
    .orderBy('seq')
    .execute();
}
