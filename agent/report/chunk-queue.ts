import type { StreamName } from '../../shared/protocol/signals.ts';

/** Bytes of one stream that travel together. */
export interface Piece {
  readonly processId: string;
  readonly stream: StreamName;
  readonly offset: number;
  readonly bytes: Buffer;
}

interface OpenPiece extends Omit<Piece, 'bytes'> {
  readonly parts: Buffer[];
  bytes: number;
}

export interface ChunkQueue {
  readonly waitingBytes: number;
  put(piece: Piece): void;
  /** The oldest piece, frozen: from now on its bytes are those of its id. */
  take(): Piece | undefined;
  /** Counts bytes that will not be sent. */
  drop(piece: Pick<Piece, 'processId' | 'stream'>, bytes: number): void;
  dropAll(): void;
  omitted(processId: string, stream: StreamName): number;
}

// In base64 and JSON 700 kB, below the MAX_CHUNK_BYTES of a request.
const MAX_PIECE_BYTES = 512 * 1024;
// A bound for an outage: the newest 4 MiB wait, older bytes are dropped and counted. The output signal carries the
// ends of each stream anyway, so what is lost is the middle of the live log.
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

const nameOf = (piece: Pick<Piece, 'processId' | 'stream'>): string => `${piece.stream}:${piece.processId}`;

/** Joins neighbouring bytes of a stream, keeps streams in the order in which they came, and never grows past its bound. */
export function createChunkQueue(): ChunkQueue {
  const waiting: OpenPiece[] = [];
  const lastOf = new Map<string, OpenPiece>();
  const omitted = new Map<string, number>();
  let waitingBytes = 0;

  function drop(piece: Pick<Piece, 'processId' | 'stream'>, bytes: number): void {
    omitted.set(nameOf(piece), (omitted.get(nameOf(piece)) ?? 0) + bytes);
  }

  function shift(): OpenPiece | undefined {
    const oldest = waiting.shift();
    if (!oldest) return undefined;
    waitingBytes -= oldest.bytes;
    if (lastOf.get(nameOf(oldest)) === oldest) lastOf.delete(nameOf(oldest));
    return oldest;
  }

  function putPart(piece: Piece): void {
    const last = lastOf.get(nameOf(piece));
    const continues = last?.offset !== undefined && last.offset + last.bytes === piece.offset;
    if (last && continues && last.bytes + piece.bytes.length <= MAX_PIECE_BYTES) {
      last.parts.push(piece.bytes);
      last.bytes += piece.bytes.length;
    } else {
      const open = { ...piece, parts: [piece.bytes], bytes: piece.bytes.length };
      waiting.push(open);
      lastOf.set(nameOf(piece), open);
    }
    waitingBytes += piece.bytes.length;
    while (waitingBytes > MAX_WAITING_BYTES) {
      const oldest = shift();
      if (oldest) drop(oldest, oldest.bytes);
    }
  }

  return {
    get waitingBytes() {
      return waitingBytes;
    },
    put(piece) {
      for (let at = 0; at < piece.bytes.length; at += MAX_PIECE_BYTES) {
        putPart({ ...piece, offset: piece.offset + at, bytes: piece.bytes.subarray(at, at + MAX_PIECE_BYTES) });
      }
    },
    take() {
      const oldest = shift();
      return oldest && { ...oldest, bytes: Buffer.concat(oldest.parts) };
    },
    drop,
    dropAll() {
      for (let oldest = shift(); oldest; oldest = shift()) drop(oldest, oldest.bytes);
    },
    omitted: (processId, stream) => omitted.get(nameOf({ processId, stream })) ?? 0,
  };
}
