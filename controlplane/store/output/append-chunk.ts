import { sql, type Kysely } from 'kysely';
import type { CallbackId } from '../../../shared/model/ids.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';
import { cleanText } from '../json.ts';
import type { Schema } from '../schema.ts';

/** What is stored of one stream: its beginning, and the newest of the rest. */
export interface OutputBounds {
  readonly headBytes: number;
  readonly maxBytes: number;
}

// The design's numbers: a build that writes more than 64 MiB has gone wrong, and its beginning and end say how.
const DEFAULT_BOUNDS: OutputBounds = { headBytes: 8 * 1024 * 1024, maxBytes: 64 * 1024 * 1024 };
// Trimming looks at every chunk of the stream, so it happens once in so many bytes and not at every chunk.
const TRIM_SHARE = 1 / 16;

export interface NewChunk {
  readonly callbackId: CallbackId;
  readonly processId: string;
  readonly stream: StreamName;
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Keeps a piece of output; the same piece again changes nothing. */
export async function appendChunk(
  db: Kysely<Schema>,
  chunk: NewChunk,
  bounds: OutputBounds = DEFAULT_BOUNDS,
): Promise<'stored' | 'repeated' | 'unknown'> {
  const processId = cleanText(chunk.processId);
  const { rows } = await sql<{ attemptId: number; storedBytes: number | null }>`
    WITH attempt AS (
      UPDATE container_attempt SET agent_seen_at = now(), first_signature_at = coalesce(first_signature_at, now())
      WHERE callback_id = ${chunk.callbackId} RETURNING id, task_id),
    kept AS (
      INSERT INTO output_chunk (attempt_id, task_id, process_id, stream, byte_offset, bytes)
      SELECT id, task_id, ${processId}, ${chunk.stream}, ${chunk.offset}, ${chunk.bytes} FROM attempt
      ON CONFLICT (attempt_id, process_id, stream, byte_offset) DO NOTHING
      RETURNING attempt_id, task_id, process_id, stream, octet_length(bytes) AS length),
    counted AS (
      INSERT INTO output_stream AS known (attempt_id, task_id, process_id, stream, stored_bytes, end_offset)
      SELECT attempt_id, task_id, process_id, stream, length, ${chunk.offset} + length FROM kept
      ON CONFLICT (attempt_id, process_id, stream) DO UPDATE SET
        stored_bytes = known.stored_bytes + excluded.stored_bytes,
        end_offset = greatest(known.end_offset, excluded.end_offset)
      RETURNING stored_bytes)
    SELECT id AS attempt_id, (SELECT stored_bytes FROM counted) FROM attempt`.execute(db);
  const row = rows[0];
  if (!row) return 'unknown';
  if (row.storedBytes === null) return 'repeated';
  if (row.storedBytes > bounds.maxBytes) await trim(db, { ...chunk, processId, attemptId: row.attemptId }, bounds);
  return 'stored';
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
