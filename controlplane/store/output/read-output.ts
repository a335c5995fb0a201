import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { CLASS_ID, type StreamName } from '../../../shared/protocol/signals.ts';
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
  /** Ends where bytes are missing; those of the next stretch come after them. */
  readonly data: Buffer;
  readonly nextOffset: number;
  /** Bytes of the stream that are missing directly before `data`, or at its end where `data` is empty. */
  readonly missingBytes: number;
  /** Bytes that came never, or were trimmed: counted over the whole stream. */
  readonly omittedBytes: number;
}

interface StoredChunk {
  readonly start: number;
  /** Bytes between this chunk and the one before it in its process's stream. */
  readonly gap: number;
  readonly bytes: Buffer;
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
  const { rows } = await sql<StoredChunk>`
    WITH placed AS MATERIALIZED (
      SELECT chunk.id, octet_length(chunk.bytes) AS length,
        chunk.byte_offset - coalesce(lag(chunk.byte_offset + octet_length(chunk.bytes))
          OVER (PARTITION BY process.id ORDER BY chunk.byte_offset), 0) AS gap,
        sum(octet_length(chunk.bytes)) OVER (ORDER BY process.id, chunk.byte_offset) - octet_length(chunk.bytes) AS start
      FROM output_chunk chunk JOIN output_stream process USING (attempt_id, process_id, stream)
      WHERE chunk.task_id = ${taskId} AND chunk.stream = ${from.stream})
    SELECT placed.start::bigint AS start, placed.gap::bigint AS gap, chunk.bytes FROM placed JOIN output_chunk chunk ON chunk.id = placed.id
    WHERE placed.start + placed.length > ${from.offset} AND placed.start < ${from.offset + from.maxBytes}
    ORDER BY placed.start`.execute(db);
  const lost = await lostBytes(db, taskId, from.stream);
  const first = rows[0];
  if (!first)
    return { data: Buffer.alloc(0), nextOffset: from.offset, missingBytes: lost.atEnd, omittedBytes: lost.all };
  const nextGap = rows.findIndex(({ gap }, index) => index > 0 && gap > 0);
  const unbroken = Buffer.concat((nextGap === -1 ? rows : rows.slice(0, nextGap)).map((row) => row.bytes));
  const skip = from.offset - first.start;
  const data = unbroken.subarray(skip, skip + from.maxBytes);
  const missingBytes = skip === 0 ? first.gap : 0;
  return { data, nextOffset: from.offset + data.length, missingBytes, omittedBytes: lost.all };
}

/**
 * What is not stored of a stream, and how much of that is behind the last stored byte. How long a stream was is known from
 * the signals about its processes, once its container has told of its end: before, the rest may be on its way.
 */
async function lostBytes(
  db: Kysely<Schema>,
  taskId: TaskId,
  stream: StreamName,
): Promise<{ readonly all: number; readonly atEnd: number }> {
  const { rows } = await sql<{ all: number; atEnd: number }>`
    WITH told AS (
      SELECT signal.attempt_id, signal.body ->> 'processId' AS process_id,
        (signal.body -> 'bytes' ->> ${stream})::bigint AS bytes
      FROM signal WHERE task_id = ${taskId} AND class_id = ${CLASS_ID.processComplete}
        AND EXISTS (SELECT FROM signal exit
          WHERE exit.attempt_id = signal.attempt_id AND exit.class_id = ${CLASS_ID.exit})),
    known AS (
      SELECT id, stored_bytes, end_offset, greatest(end_offset, coalesce(told.bytes, 0)) AS bytes
      FROM output_stream LEFT JOIN told USING (attempt_id, process_id)
      WHERE task_id = ${taskId} AND stream = ${stream})
    SELECT coalesce(sum(bytes - stored_bytes), 0)::bigint AS all,
      coalesce((SELECT bytes - end_offset FROM known ORDER BY id DESC LIMIT 1), 0)::bigint AS at_end
    FROM known`.execute(db);
  return rows[0] ?? { all: 0, atEnd: 0 };
}
