import { HEAD_BYTES, TAIL_BYTES } from '../../../shared/protocol/signals.ts';

/**
 * Keeps the first 64 KiB and the last 1 MiB of a stream with exact counts. The unit is the byte, never lines or text.
 */
export interface StreamEndsKeeper {
  push(data: Buffer): void;
  /** Counts bytes that were written but not read because the reader could not follow. */
  skip(bytes: number): void;
  head(): Buffer;
  tail(): Buffer;
  bytes(): number;
  /** Returns how many of all bytes never passed through the reader. */
  skipped(): number;
  /** Releases the memory; the counts stay. */
  release(): void;
}

/** Head and tail never overlap: the tail begins where the head ends. */
export function createStreamEnds(headBytes: number = HEAD_BYTES, tailBytes: number = TAIL_BYTES): StreamEndsKeeper {
  const head: Buffer[] = [];
  let headLength = 0;
  let headIsClosed = false;
  const tail = createRing(tailBytes);
  let bytes = 0;
  let skipped = 0;
  return {
    push(data) {
      bytes += data.length;
      const forHead = headIsClosed ? 0 : Math.min(data.length, headBytes - headLength);
      // A copy, because a slice would keep the reader's whole buffer alive.
      if (forHead > 0) head.push(Buffer.from(data.subarray(0, forHead)));
      headLength += forHead;
      tail.push(data.subarray(forHead));
    },
    skip(count) {
      bytes += count;
      skipped += count;
      headIsClosed = true;
      tail.clear();
    },
    head: () => Buffer.concat(head),
    tail: () => tail.content(),
    bytes: () => bytes,
    skipped: () => skipped,
    release() {
      head.length = 0;
      headIsClosed = true;
      tail.clear();
    },
  };
}

export interface Ring {
  push(data: Buffer): void;
  clear(): void;
  content(): Buffer;
}

/**
 * Keeps the last `capacity` bytes that were pushed. The memory grows by doubling, since most streams stay far below
 * the capacity.
 */
export function createRing(capacity: number): Ring {
  let store = Buffer.alloc(0);
  let length = 0;
  return {
    push(data) {
      const kept = data.subarray(Math.max(0, data.length - capacity));
      if (length + kept.length > store.length) {
        // With twice the capacity most pushes append, and the last `capacity` bytes are copied once in that many
        // bytes.
        const size = Math.min(Math.max(store.length * 2, length + kept.length, 1_024), capacity * 2);
        const old = store.subarray(Math.max(0, length - Math.max(0, capacity - kept.length)), length);
        const next = size > store.length ? Buffer.alloc(size) : store;
        old.copy(next);
        store = next;
        length = old.length;
      }
      kept.copy(store, length);
      length += kept.length;
    },
    clear() {
      store = Buffer.alloc(0);
      length = 0;
    },
    content: () => Buffer.from(store.subarray(Math.max(0, length - capacity), length)),
  };
}
