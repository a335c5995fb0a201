import { sql, type Kysely } from 'kysely';
import type { CallbackId } from '../../../shared/model/ids.ts';
import { CLASS_ID, type StreamName } from '../../../shared/protocol/signals.ts';
import { cleanText } from '../json-text.ts';
import type { Schema } from '../schema.ts';
import { HAS_ENDED } from '../signals/has-ended.ts';

/** Bounds of stored output. Of a stream its beginning and its newest bytes are kept; of an attempt the newest of these. */
export interface OutputBounds {
  readonly headBytes: number;
  readonly maxBytes: number;
  /** Limit for all streams together: the sender chooses their number. */
  readonly attemptBytes: number;
  readonly attemptStreams: number;
}

// Our numbers. A build that writes more than 64 MiB has gone wrong, and its beginning and end show how. An attempt may keep both
// streams of one process in full, or the same amount of many streams; 500 processes have 1,000 streams.
const DEFAULT_BOUNDS: OutputBounds = {
  headBytes: 8 * 1024 * 1024,
  maxBytes: 64 * 1024 * 1024,
  attemptBytes: 128 * 1024 * 1024,
  attemptStreams: 1_000,
};
// Trimming reads every chunk of the stream, so each trim frees this share of the limit and not just the excess of one chunk.
const TRIM_SHARE = 1 / 16;

export interface NewChunk {
  readonly callbackId: CallbackId;
  readonly processId: string;
  readonly stream: StreamName;
  readonly offset: number;
  readonly bytes: Buffer;
  /**
   * Whether the control plane fetched the output. Then it is not a report of the container, and is accepted after the container's
   * exit signal.
   */
  readonly isCollected?: boolean;
}

/** `ended`: the attempt has sent its exit signal, after which no output is kept; `full`: it has too many streams. */
export type ChunkOutcome = 'stored' | 'repeated' | 'ended' | 'full' | 'unknown';

interface Append {
  readonly attemptId: number;
  /** null when the piece was not stored. */
  readonly storedBytes: number | null;
  readonly attemptBytes: number;
  readonly isKnown: boolean;
  readonly isEnded: boolean;
}

/** Stores a piece of output. The same piece again changes nothing. */
export async function appendChunk(
  db: Kysely<Schema>,
  chunk: NewChunk,
  some: Partial<OutputBounds> = {},
): Promise<ChunkOutcome> {
  const bounds = { ...DEFAULT_BOUNDS, ...some };
  const processId = cleanText(chunk.processId);
  const row = await insert(db, { ...chunk, processId }, bounds);
  if (!row) return 'unknown';
  if (row.storedBytes === null) return whyNotStored(row, chunk);
  if (row.storedBytes > bounds.maxBytes) await trim(db, { ...chunk, processId, attemptId: row.attemptId }, bounds);
  if (row.attemptBytes + chunk.bytes.length > bounds.attemptBytes) await trimAttempt(db, row.attemptId, bounds);
  return 'stored';
}

function whyNotStored({ isKnown, isEnded }: Append, { bytes, isCollected }: NewChunk): ChunkOutcome {
  if (isKnown) return 'repeated';
  if (isEnded && !isCollected) return 'ended';
  // An empty row would occupy the offset of the stream's next bytes.
  return bytes.length === 0 ? 'stored' : 'full';
}

/** Stores pieces in this order, with one commit. Stops at the first one that is refused. */
export async function appendChunks(db: Kysely<Schema>, chunks: readonly NewChunk[]): Promise<ChunkOutcome> {
  if (chunks.length === 1) return appendChunk(db, chunks[0]!);
  return db.transaction().execute(async (tx) => {
    for (const chunk of chunks) {
      const outcome = await appendChunk(tx, chunk);
      if (outcome !== 'stored' && outcome !== 'repeated') return outcome;
    }
    return 'stored';
  });
}

async function insert(db: Kysely<Schema>, chunk: NewChunk, bounds: OutputBounds): Promise<Append | undefined> {
  const { processId, stream, offset, isCollected = false } = chunk;
  const { rows } = await sql<Append>`
    WITH attempt AS (
      UPDATE container_attempt SET
        agent_seen_at = CASE WHEN ${isCollected} OR ${HAS_ENDED} THEN agent_seen_at ELSE now() END,
        first_signature_at = CASE WHEN ${isCollected} THEN first_signature_at ELSE coalesce(first_signature_at, now()) END
      WHERE callback_id = ${chunk.callbackId} RETURNING id, task_id),
    before AS (
      SELECT id, task_id, streams, bytes,
        EXISTS (SELECT FROM signal WHERE attempt_id = attempt.id AND class_id = ${CLASS_ID.exit}) AS is_ended,
        EXISTS (SELECT FROM output_chunk WHERE attempt_id = attempt.id AND process_id = ${processId}
          AND stream = ${stream} AND byte_offset = ${offset}) AS is_known
      FROM attempt CROSS JOIN LATERAL (
        SELECT coalesce(sum(stored_bytes), 0)::bigint AS bytes,
          count(*) FILTER (WHERE process_id <> ${processId} OR stream <> ${stream}) AS streams
        FROM output_stream WHERE attempt_id = attempt.id) AS all_streams),
    kept AS (
      INSERT INTO output_chunk (attempt_id, task_id, process_id, stream, byte_offset, bytes)
      SELECT id, task_id, ${processId}, ${stream}, ${offset}, ${chunk.bytes}
      FROM before WHERE (${isCollected} OR NOT is_ended) AND streams < ${bounds.attemptStreams}
        AND ${chunk.bytes.length > 0}
      ON CONFLICT (attempt_id, process_id, stream, byte_offset) DO NOTHING
      RETURNING attempt_id, task_id, process_id, stream, octet_length(bytes) AS length),
    counted AS (
      INSERT INTO output_stream AS known (attempt_id, task_id, process_id, stream, stored_bytes, end_offset)
      SELECT attempt_id, task_id, process_id, stream, length, ${offset}::bigint + length FROM kept
      ON CONFLICT (attempt_id, process_id, stream) DO UPDATE SET
        stored_bytes = known.stored_bytes + excluded.stored_bytes,
        end_offset = greatest(known.end_offset, excluded.end_offset)
      RETURNING stored_bytes)
    SELECT id AS attempt_id, (SELECT stored_bytes FROM counted), bytes AS attempt_bytes, is_known, is_ended
    FROM before`.execute(db);
  return rows[0];
}

/** Deletes the oldest chunks behind the head until the stream fits again with some room. */
async function trim(
  db: Kysely<Schema>,
  of: { attemptId: number; processId: string; stream: StreamName },
  bounds: OutputBounds,
): Promise<void> {
  const aim = bounds.maxBytes - Math.floor(bounds.maxBytes * TRIM_SHARE);
  const isStream = sql`attempt_id = ${of.attemptId} AND process_id = ${of.processId} AND stream = ${of.stream}`;
  await sql`
    WITH excess AS (SELECT stored_bytes - ${aim} AS bytes FROM output_stream WHERE ${isStream}),
    behind_head AS (
      SELECT id, octet_length(bytes) AS length,
        sum(octet_length(bytes)) OVER (ORDER BY byte_offset) - octet_length(bytes) AS before
      FROM output_chunk WHERE ${isStream} AND byte_offset >= ${bounds.headBytes}),
    gone AS (
      DELETE FROM output_chunk USING behind_head, excess
      WHERE output_chunk.id = behind_head.id AND behind_head.before < excess.bytes
      RETURNING behind_head.length)
    UPDATE output_stream SET
      stored_bytes = stored_bytes - (SELECT coalesce(sum(length), 0) FROM gone),
      trimmed_bytes = trimmed_bytes + (SELECT coalesce(sum(length), 0) FROM gone)
    WHERE ${isStream}`.execute(db);
}

/**
 * Deletes the oldest chunks of all streams until the attempt fits again with some room. Chunks behind the heads go
 * first, and then heads, which fill the attempt alone when there are many streams.
 */
async function trimAttempt(db: Kysely<Schema>, attemptId: number, bounds: OutputBounds): Promise<void> {
  const aim = bounds.attemptBytes - Math.floor(bounds.attemptBytes * TRIM_SHARE);
  await sql`
    WITH excess AS (SELECT sum(stored_bytes) - ${aim} AS bytes FROM output_stream WHERE attempt_id = ${attemptId}),
    by_age AS (
      SELECT id, octet_length(bytes) AS length, sum(octet_length(bytes))
        OVER (ORDER BY (byte_offset < ${bounds.headBytes}), id) - octet_length(bytes) AS before
      FROM output_chunk WHERE attempt_id = ${attemptId}),
    gone AS (
      DELETE FROM output_chunk USING by_age, excess
      WHERE output_chunk.id = by_age.id AND by_age.before < excess.bytes
      RETURNING output_chunk.process_id, output_chunk.stream, by_age.length),
    of_stream AS (SELECT process_id, stream, sum(length) AS bytes FROM gone GROUP BY process_id, stream)
    UPDATE output_stream SET stored_bytes = stored_bytes - of_stream.bytes, trimmed_bytes = trimmed_bytes + of_stream.bytes
    FROM of_stream WHERE attempt_id = ${attemptId}
      AND output_stream.process_id = of_stream.process_id AND output_stream.stream = of_stream.stream`.execute(db);
}
