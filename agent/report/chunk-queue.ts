import type { StreamName } from '../../shared/protocol/signals.ts';

/** Bytes of one stream that travel together. */
export interface OutputPiece {
  readonly processId: string;
  readonly stream: StreamName;
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Bytes of one stream for which memory had no room: they are still in the file of their process. */
export interface LeftInFile extends Omit<OutputPiece, 'bytes'> {
  readonly length: number;
}

/** An entry that still grows; its bytes are the first of its store. Without a store they are in the file only. */
interface OpenPiece extends Omit<OutputPiece, 'bytes' | 'offset'> {
  offset: number;
  store: Buffer | undefined;
  bytes: number;
}

export interface ChunkQueue {
  /** Bytes that wait, in memory and in files. */
  readonly waitingBytes: number;
  /** Copies the bytes, or notes where they are in their file when too many wait already. */
  put(piece: OutputPiece): void;
  /**
   * The oldest entry, frozen: from now on its bytes are those of its id. They are there until the next one is taken.
   */
  take(): OutputPiece | LeftInFile | undefined;
  /**
   * Takes entries that can travel with `first`, which was taken just now: those behind it that are of the same process and
   * in memory. All are there until the next `take`.
   */
  takeMore(first: OutputPiece, maxPieces: number): OutputPiece[];
  /** Counts what lies before `first` in the file of the stream as bytes that will not be sent, as far as it waits. */
  dropFromFile(piece: Pick<OutputPiece, 'processId' | 'stream'>, first: number): void;
  /** Counts bytes that will not be sent. */
  drop(piece: Pick<OutputPiece, 'processId' | 'stream'>, bytes: number): void;
  dropAll(): void;
  omitted(processId: string, stream: StreamName): number;
}

// Bytes of one report. In base64 and JSON they are 700 kB, below the MAX_CHUNK_BYTES of a request.
export const MAX_PIECE_BYTES = 512 * 1024;
// Bytes that wait in memory during a burst or an outage. What comes after them waits in the file of its process.
const MAX_MEMORY_BYTES = 4 * 1024 * 1024;
// Pieces that wait in the exact order in which both streams were written, each a row of the record. With more of them,
// neighbouring bytes of a stream are joined across the other stream's. So many are 1,000 lines on each stream in turns,
// which are sent in 32 requests (60 ms each on a busy machine, measured 2026-11).
const MAX_ORDERED_PIECES = 2_048;
// First size of a store. Most pieces are a line or two. A store grows by doubling, and above a quarter of its full size
// it gets the whole.
const FIRST_STORE_BYTES = 256;
const LARGE_BYTES = MAX_PIECE_BYTES / 4;
// As many stores as hold what may wait.
const MAX_SPARE_STORES = MAX_MEMORY_BYTES / MAX_PIECE_BYTES;

const nameOf = (piece: Pick<OutputPiece, 'processId' | 'stream'>): string => `${piece.stream}:${piece.processId}`;

/** Joins neighbouring bytes of a stream, keeps each stream in its order, and never holds more memory than its bound. */
export function createChunkQueue(): ChunkQueue {
  const waiting: OpenPiece[] = [];
  const lastOf = new Map<string, OpenPiece>();
  const omitted = new Map<string, number>();
  // Stores of full size are used again: at full speed each piece of output would be garbage otherwise.
  const spareStores: Buffer[] = [];
  const takenStores: Buffer[] = [];
  let waitingBytes = 0;
  let memoryBytes = 0;

  function newStore(bytes: number): Buffer {
    if (bytes > LARGE_BYTES) return spareStores.pop() ?? Buffer.allocUnsafeSlow(MAX_PIECE_BYTES);
    return Buffer.allocUnsafeSlow(Math.max(FIRST_STORE_BYTES, 2 ** Math.ceil(Math.log2(bytes))));
  }

  function giveBack(store: Buffer): void {
    if (store.length === MAX_PIECE_BYTES && spareStores.length < MAX_SPARE_STORES) spareStores.push(store);
  }

  function append(open: OpenPiece, data: Buffer): void {
    if (open.store === undefined) {
      open.bytes += data.length;
      return;
    }
    const old = open.store;
    if (open.bytes + data.length > old.length) {
      open.store = newStore(open.bytes + data.length);
      old.copy(open.store, 0, 0, open.bytes);
    }
    open.bytes += data.copy(open.store, open.bytes);
    memoryBytes += data.length;
  }

  function drop(piece: Pick<OutputPiece, 'processId' | 'stream'>, bytes: number): void {
    omitted.set(nameOf(piece), (omitted.get(nameOf(piece)) ?? 0) + bytes);
  }

  function dropFromFile(from: Pick<OutputPiece, 'processId' | 'stream'>, first: number): void {
    const gone = (piece: OpenPiece): number => Math.min(piece.bytes, Math.max(0, first - piece.offset));
    for (const piece of waiting) {
      if (piece.store !== undefined || nameOf(piece) !== nameOf(from)) continue;
      const bytes = gone(piece);
      drop(piece, bytes);
      waitingBytes -= bytes;
      piece.offset += bytes;
      piece.bytes -= bytes;
    }
    const left = waiting.filter(({ bytes }) => bytes > 0);
    if (left.length < waiting.length) waiting.splice(0, Infinity, ...left);
    const last = lastOf.get(nameOf(from));
    if (last?.bytes === 0) lastOf.delete(nameOf(from));
  }

  function shift(): OpenPiece | undefined {
    const oldest = waiting.shift();
    if (!oldest) return undefined;
    waitingBytes -= oldest.bytes;
    if (oldest.store) memoryBytes -= oldest.bytes;
    if (lastOf.get(nameOf(oldest)) === oldest) lastOf.delete(nameOf(oldest));
    return oldest;
  }

  function taken({ processId, stream, offset, bytes }: OpenPiece, store: Buffer): OutputPiece {
    takenStores.push(store);
    return { processId, stream, offset, bytes: store.subarray(0, bytes) };
  }

  /** The entry that the bytes continue, if they can be added to it. */
  function openFor(piece: OutputPiece, hasRoom: boolean): OpenPiece | undefined {
    const last = lastOf.get(nameOf(piece));
    if (!last || last.offset + last.bytes !== piece.offset) return undefined;
    if (waiting.at(-1) !== last && waiting.length < MAX_ORDERED_PIECES) return undefined;
    // What was left in the file is continued there while memory is short, which costs nothing however long it gets.
    if (last.store === undefined) return hasRoom ? undefined : last;
    return hasRoom && last.bytes + piece.bytes.length <= MAX_PIECE_BYTES ? last : undefined;
  }

  function putPart(piece: OutputPiece): void {
    const hasRoom = memoryBytes + piece.bytes.length <= MAX_MEMORY_BYTES;
    const open = openFor(piece, hasRoom) ?? {
      ...piece,
      store: hasRoom ? newStore(piece.bytes.length) : undefined,
      bytes: 0,
    };
    if (open.bytes === 0) {
      waiting.push(open);
      lastOf.set(nameOf(piece), open);
    }
    append(open, piece.bytes);
    waitingBytes += piece.bytes.length;
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
      for (const store of takenStores.splice(0)) giveBack(store);
      const oldest = shift();
      if (!oldest) return undefined;
      const { processId, stream, offset, bytes, store } = oldest;
      return store ? taken(oldest, store) : { processId, stream, offset, length: bytes };
    },
    takeMore(first, maxPieces) {
      const more: OutputPiece[] = [];
      let bytes = first.bytes.length;
      for (let next = waiting[0]; next?.store && more.length < maxPieces; next = waiting[0]) {
        bytes += next.bytes;
        if (next.processId !== first.processId || bytes > MAX_PIECE_BYTES) break;
        shift();
        more.push(taken(next, next.store));
      }
      return more;
    },
    drop,
    dropFromFile,
    dropAll() {
      for (let oldest = shift(); oldest; oldest = shift()) {
        drop(oldest, oldest.bytes);
        if (oldest.store) giveBack(oldest.store);
      }
    },
    omitted: (processId, stream) => omitted.get(nameOf({ processId, stream })) ?? 0,
  };
}
