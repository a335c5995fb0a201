import type { StreamName } from '../../shared/protocol/signals.ts';

/** Bytes of one stream that travel together. */
export interface Piece {
  readonly processId: string;
  readonly stream: StreamName;
  readonly offset: number;
  readonly bytes: Buffer;
}

/** A piece that still grows; its bytes are the first of its store. */
interface OpenPiece extends Omit<Piece, 'bytes'> {
  store: Buffer;
  bytes: number;
}

export interface ChunkQueue {
  readonly waitingBytes: number;
  /** Copies the bytes. */
  put(piece: Piece): void;
  /** The oldest piece, frozen: from now on its bytes are those of its id. They are there until the next one is taken. */
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
// Most pieces are a line or two; a store grows by doubling from here, and above a quarter it is a whole one at once.
const FIRST_STORE_BYTES = 1024;
const LARGE_BYTES = MAX_PIECE_BYTES / 4;
// As many as hold what may wait.
const MAX_SPARE_STORES = MAX_WAITING_BYTES / MAX_PIECE_BYTES;

const nameOf = (piece: Pick<Piece, 'processId' | 'stream'>): string => `${piece.stream}:${piece.processId}`;

/** Joins neighbouring bytes of a stream, keeps streams in the order in which they came, and never grows past its bound. */
export function createChunkQueue(): ChunkQueue {
  const waiting: OpenPiece[] = [];
  const lastOf = new Map<string, OpenPiece>();
  const omitted = new Map<string, number>();
  // Stores of full size are used again: at full speed each piece of output would be garbage otherwise.
  const spareStores: Buffer[] = [];
  let takenStore: Buffer | undefined;
  let waitingBytes = 0;

  function newStore(bytes: number): Buffer {
    if (bytes > LARGE_BYTES) return spareStores.pop() ?? Buffer.allocUnsafeSlow(MAX_PIECE_BYTES);
    return Buffer.allocUnsafeSlow(Math.max(FIRST_STORE_BYTES, 2 ** Math.ceil(Math.log2(bytes))));
  }

  function giveBack(store: Buffer | undefined): void {
    if (store?.length === MAX_PIECE_BYTES && spareStores.length < MAX_SPARE_STORES) spareStores.push(store);
  }

  function append(open: OpenPiece, data: Buffer): void {
    const old = open.store;
    if (open.bytes + data.length > old.length) {
      open.store = newStore(open.bytes + data.length);
      old.copy(open.store, 0, 0, open.bytes);
    }
    open.bytes += data.copy(open.store, open.bytes);
  }

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
      append(last, piece.bytes);
    } else {
      const open = { ...piece, store: newStore(piece.bytes.length), bytes: 0 };
      append(open, piece.bytes);
      waiting.push(open);
      lastOf.set(nameOf(piece), open);
    }
    waitingBytes += piece.bytes.length;
    while (waitingBytes > MAX_WAITING_BYTES) {
      const oldest = shift();
      if (oldest) dropPiece(oldest);
    }
  }

  function dropPiece(piece: OpenPiece): void {
    drop(piece, piece.bytes);
    giveBack(piece.store);
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
      giveBack(takenStore);
      const oldest = shift();
      takenStore = oldest?.store;
      return oldest && { ...oldest, bytes: oldest.store.subarray(0, oldest.bytes) };
    },
    drop,
    dropAll() {
      for (let oldest = shift(); oldest; oldest = shift()) dropPiece(oldest);
    },
    omitted: (processId, stream) => omitted.get(nameOf({ processId, stream })) ?? 0,
  };
}
