import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import type { Schema } from '../schema.ts';

export interface StoredPiece {
  /** Grows in the order in which pieces came. */
  readonly id: number;
  readonly at: Date;
  readonly attempt: number;
  readonly processId: string;
  readonly stream: StreamName;
  /** Position in its process's stream. */
  readonly offset: number;
  readonly data: Buffer;
}

/** Both streams of the task in the order in which they came. */
export async function readOutputPieces(
  db: Kysely<Schema>,
  taskId: TaskId,
  from: { readonly after: number; readonly limit: number },
): Promise<StoredPiece[]> {
  return db
    .selectFrom('outputChunk as chunk')
    .innerJoin('containerAttempt as attempt', 'attempt.id', 'chunk.attemptId')
    .select(['chunk.id', 'chunk.receivedAt as at', 'attempt.number as attempt', 'chunk.processId', 'chunk.stream'])
    .select(['chunk.byteOffset as offset', 'chunk.bytes as data'])
    .where('chunk.taskId', '=', taskId)
    .where('chunk.id', '>', from.after)
    .orderBy('chunk.id')
    .limit(from.limit)
    .execute();
}

export interface StoredStretch {
  readonly data: Buffer;
  readonly nextOffset: number;
  /** Bytes that came never, or were trimmed: counted over the whole stream. */
  readonly omittedBytes: number;
}

/**
 * A stretch of what is stored of one stream of the task: its processes one after the other, in the order in which
 * they began. `offset` counts stored bytes from the beginning of the first.
 */
export async function readOutput(
  db: Kysely<Schema>,
  taskId: TaskId,
  from: { readonly stream: StreamName; readonly offset: number; readonly maxBytes: number },
): Promise<StoredStretch> {
  // octet_length of a stored bytea reads its header only, so the positions cost little; bytes are read where needed.
  const { rows } = await sql<{ start: number; bytes: Buffer }>`
    WITH placed AS MATERIALIZED (
      SELECT chunk.id, octet_length(chunk.bytes) AS length,
        sum(octet_length(chunk.bytes)) OVER (ORDER BY process.id, chunk.byte_offset) - octet_length(chunk.bytes) AS start
      FROM output_chunk chunk JOIN output_stream process USING (attempt_id, process_id, stream)
      WHERE chunk.task_id = ${taskId} AND chunk.stream = ${from.stream})
    SELECT placed.start::bigint AS start, chunk.bytes FROM placed JOIN output_chunk chunk ON chunk.id = placed.id
    WHERE placed.start + placed.length > ${from.offset} AND placed.start < ${from.offset + from.maxBytes}
    ORDER BY placed.start`.execute(db);
  const first = rows[0];
  const all = Buffer.concat(rows.map((row) => row.bytes));
  const skip = first ? Math.max(0, from.offset - first.start) : 0;
  const data = all.subarray(skip, skip + from.maxBytes);
  return { data, nextOffset: from.offset + data.length, omittedBytes: await omittedBytes(db, taskId, from.stream) };
}

async function omittedBytes(db: Kysely<Schema>, taskId: TaskId, stream: StreamName): Promise<number> {
  const { rows } = await sql<{ omitted: number }>`
    SELECT coalesce(sum(end_offset - stored_bytes), 0)::bigint AS omitted
    FROM output_stream WHERE task_id = ${taskId} AND stream = ${stream}`.execute(db);
  return rows[0]?.omitted ?? 0;
}
