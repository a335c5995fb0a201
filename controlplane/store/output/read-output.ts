import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { lossMark } from '../../../shared/model/output-loss.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import type { Schema } from '../schema.ts';

export interface StoredPiece {
  /** Grows in the order in which pieces arrived. */
  readonly id: number;
  readonly at: Date;
  readonly attempt: number;
  readonly processId: string;
  readonly stream: StreamName;
  /** Position in the stream of the process. */
  readonly offset: number;
  /** Length in bytes. */
  readonly length: number;
  /** The bytes, in Base64 without line breaks: one text after the other, none of more than 32 KiB. */
  readonly data: readonly string[];
  /** Bytes of the stream just before the piece that never arrived, or were trimmed. */
  readonly omittedBefore: number;
}

// V8 allocates strings of more than about 128 kB in its old generation, where only a full garbage collection frees them: with a
// build that writes at full speed and one reader, a node spent two fifths of its time on garbage collection. With messages of
// half that size `pg` copies a third less. A multiple of 3, so that the slices' Base64 can be concatenated.
const SLICE_BYTES = 24 * 1024;

export interface PieceRange {
  /** Only pieces with a greater id. */
  readonly after: number;
  /** Only pieces with a smaller id. The page then is the last of them, so that a reader can go backwards. */
  readonly before?: number | undefined;
  /** Only pieces that arrived at this time or later. */
  readonly since?: Date | undefined;
  readonly limit: number;
  /** The page ends with the piece that reaches so many bytes: pieces have from one byte to half a MiB. */
  readonly maxBytes?: number | undefined;
}

// A page takes several times its bytes in memory: the answer of the server, and the text that is made of it.
const PAGE_BYTES = 2 * 1024 * 1024;

export interface StoredPage {
  readonly pieces: readonly StoredPiece[];
  /** More pieces may lie behind it. */
  readonly isFull: boolean;
}

/** Returns a page of both streams of the task in the order in which they arrived. */
export async function readOutputPieces(
  db: Kysely<Schema>,
  taskId: TaskId,
  { after, before, since, limit, maxBytes = PAGE_BYTES }: PieceRange,
): Promise<StoredPage> {
  const order = sql.raw(before === undefined ? 'ASC' : 'DESC');
  // octet_length of a stored bytea reads its header only. The ids are an array, so that their few rows are found by their keys: a
  // join might read all output of all tasks. Chunks of a stream arrive in their order, so the previous one is stored when the
  // next one is read. The server encodes Base64 for readers; otherwise it would send hex, which the node would have to decode and
  // encode again. Slices are sorted before their bytes are read, because sorting would copy the bytes.
  const { rows } = await sql<PieceSlice>`
    WITH placed AS (
      SELECT id, octet_length(bytes) AS length, sum(octet_length(bytes)) OVER (ORDER BY id ${order}) AS total
      FROM output_chunk
      WHERE task_id = ${taskId} AND id > ${after} ${before === undefined ? sql`` : sql`AND id < ${before}`}
        ${since === undefined ? sql`` : sql`AND received_at >= ${since}`}
      ORDER BY id ${order} LIMIT ${limit}),
    page AS MATERIALIZED (
      SELECT chunk.id, chunk.received_at AS at, attempt.number AS attempt, chunk.process_id, chunk.stream,
        chunk.byte_offset AS offset, octet_length(chunk.bytes) AS length,
        greatest(0, chunk.byte_offset - coalesce((
          SELECT before.byte_offset + octet_length(before.bytes) FROM output_chunk before
          WHERE before.attempt_id = chunk.attempt_id AND before.process_id = chunk.process_id
            AND before.stream = chunk.stream AND before.byte_offset < chunk.byte_offset
          ORDER BY before.byte_offset DESC LIMIT 1), 0))::bigint AS omitted_before
      FROM output_chunk chunk JOIN container_attempt attempt ON attempt.id = chunk.attempt_id
      WHERE chunk.id = ANY (ARRAY (SELECT id FROM placed WHERE total - length < ${maxBytes}))),
    slice AS (
      SELECT page.*, start FROM page CROSS JOIN LATERAL generate_series(0, greatest(0, length - 1), ${SLICE_BYTES}) AS start
      ORDER BY id, start)
    SELECT slice.*, (
        SELECT replace(encode(substr(chunk.bytes, start + 1, ${SLICE_BYTES}), 'base64'), chr(10), '')
        FROM output_chunk chunk WHERE chunk.id = slice.id) AS text
    FROM slice ORDER BY id, start`.execute(db);
  const pieces = joinSlices(rows);
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  return { pieces, isFull: pieces.length >= limit || bytes >= maxBytes };
}

interface PieceSlice extends Omit<StoredPiece, 'data'> {
  /** Offset of the slice within the piece. */
  readonly start: number;
  readonly text: string;
}

function joinSlices(slices: readonly PieceSlice[]): StoredPiece[] {
  const pieces: (Omit<StoredPiece, 'data'> & { readonly data: string[] })[] = [];
  for (const { start, text, ...piece } of slices) {
    if (start === 0) pieces.push({ ...piece, data: [text] });
    else pieces.at(-1)?.data.push(text);
  }
  return pieces;
}

export interface StoredStretch {
  /** The bytes, with a mark wherever some are missing. The marks do not count in offsets. */
  readonly data: Buffer;
  readonly nextOffset: number;
  /** Bytes that never arrived, or were trimmed, counted over the whole stream. */
  readonly omittedBytes: number;
}

/**
 * Returns a stretch of the stored bytes of one stream of the task: its processes one after the other, in the order in
 * which they began. `offset` counts stored bytes from the beginning of the first.
 */
export async function readOutput(
  db: Kysely<Schema>,
  taskId: TaskId,
  from: { readonly stream: StreamName; readonly offset: number; readonly maxBytes: number },
): Promise<StoredStretch> {
  // octet_length of a stored bytea reads its header only, so the positions cost little. Bytes are read where needed.
  const { rows } = await sql<StoredRow>`
    WITH placed AS MATERIALIZED (
      SELECT chunk.id, octet_length(chunk.bytes) AS length,
        sum(octet_length(chunk.bytes)) OVER (ORDER BY process.id, chunk.byte_offset) - octet_length(chunk.bytes) AS start,
        chunk.byte_offset - coalesce(lag(chunk.byte_offset + octet_length(chunk.bytes))
          OVER (PARTITION BY process.id ORDER BY chunk.byte_offset), 0) AS gap
      FROM output_chunk chunk JOIN output_stream process USING (attempt_id, process_id, stream)
      WHERE chunk.task_id = ${taskId} AND chunk.stream = ${from.stream})
    SELECT placed.start::bigint AS start, placed.gap::bigint AS gap, chunk.bytes FROM placed JOIN output_chunk chunk ON chunk.id = placed.id
    WHERE placed.start + placed.length > ${from.offset} AND placed.start < ${from.offset + from.maxBytes}
    ORDER BY placed.start`.execute(db);
  const { pieces, storedBytes } = cutOut(rows, from);
  return {
    data: Buffer.concat(pieces),
    nextOffset: from.offset + storedBytes,
    omittedBytes: await omittedBytes(db, taskId, from.stream),
  };
}

interface StoredRow {
  readonly start: number;
  readonly gap: number;
  readonly bytes: Buffer;
}

/** Cuts the stretch out. The mark of a gap belongs to the stretch in which the bytes behind it begin. */
function cutOut(
  rows: readonly StoredRow[],
  { stream, offset, maxBytes }: { readonly stream: StreamName; readonly offset: number; readonly maxBytes: number },
): { pieces: Buffer[]; storedBytes: number } {
  const pieces: Buffer[] = [];
  let storedBytes = 0;
  for (const { start, gap, bytes } of rows) {
    if (gap > 0 && start >= offset) pieces.push(Buffer.from(lossMark(gap, stream)));
    const cut = bytes.subarray(Math.max(0, offset - start), offset + maxBytes - start);
    pieces.push(cut);
    storedBytes += cut.length;
  }
  return { pieces, storedBytes };
}

/** Counts bytes of all streams of the task: `gaps` that never arrived before bytes that did, and `trimmed` ones. */
export async function countOmittedOutput(
  db: Kysely<Schema>,
  taskId: TaskId,
): Promise<{ gaps: number; trimmed: number }> {
  const { rows } = await sql<{ gaps: number; trimmed: number }>`
    SELECT coalesce(sum(end_offset - stored_bytes - trimmed_bytes), 0)::bigint AS gaps,
      coalesce(sum(trimmed_bytes), 0)::bigint AS trimmed
    FROM output_stream WHERE task_id = ${taskId}`.execute(db);
  return rows[0] ?? { gaps: 0, trimmed: 0 };
}

async function omittedBytes(db: Kysely<Schema>, taskId: TaskId, stream: StreamName): Promise<number> {
  const { rows } = await sql<{ omitted: number }>`
    SELECT coalesce(sum(end_offset - stored_bytes), 0)::bigint AS omitted
    FROM output_stream WHERE task_id = ${taskId} AND stream = ${stream}`.execute(db);
  return rows[0]?.omitted ?? 0;
}
