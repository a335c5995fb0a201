import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createChunkQueue, type LeftInFile, type OutputPiece } from '../../../agent/report/chunk-queue.ts';

const KIB = 1024;
const MEBIBYTE = 1024 * KIB;

function piece(offset: number, bytes: number, stream: 'stdout' | 'stderr' = 'stdout'): OutputPiece {
  return { processId: 'build', stream, offset, bytes: Buffer.alloc(bytes, 'x') };
}

type Queue = ReturnType<typeof createChunkQueue>;

/** Copies the bytes, because the queue reuses its buffer. */
function takeEverything(queue: Queue): (OutputPiece | LeftInFile)[] {
  const taken: (OutputPiece | LeftInFile)[] = [];
  for (let next = queue.take(); next; next = queue.take())
    taken.push('bytes' in next ? { ...next, bytes: Buffer.from(next.bytes) } : next);
  return taken;
}

function takeAll(queue: Queue): OutputPiece[] {
  return takeEverything(queue).flatMap((taken) => ('bytes' in taken ? [taken] : []));
}

const lengthOf = (taken: OutputPiece | LeftInFile): number => ('bytes' in taken ? taken.bytes.length : taken.length);

describe('createChunkQueue', () => {
  it('joins bytes that follow each other, and only those', () => {
    const queue = createChunkQueue();
    for (const one of [piece(0, 3), piece(3, 2), piece(9, 1)]) queue.put(one);
    const sizes = takeAll(queue).map(({ stream, offset, bytes }) => [stream, offset, bytes.length]);
    expect(sizes).toEqual([
      ['stdout', 0, 5],
      ['stdout', 9, 1],
    ]);
  });

  it('keeps the order in which both streams were read, and joins across it only when many pieces wait', () => {
    const queue = createChunkQueue();
    for (let at = 0; at < 20; at += 1) queue.put(piece(at, 1, 'stdout'));
    queue.put(piece(0, 4, 'stderr'));
    queue.put(piece(20, 1, 'stdout'));
    expect(takeAll(queue).map(({ stream, offset, bytes }) => [stream, offset, bytes.length])).toEqual([
      ['stdout', 0, 20],
      ['stderr', 0, 4],
      ['stdout', 20, 1],
    ]);
    for (let at = 0; at < 3_000; at += 1) {
      queue.put(piece(at, 1, 'stdout'));
      queue.put(piece(at, 1, 'stderr'));
    }
    expect(takeAll(queue).length).toBe(2_048);
  });

  it('gives the pieces that can travel with the first one: of its process, in memory, not too many and not too large', () => {
    const queue = createChunkQueue();
    const take = (maxPieces: number): number[] => {
      const first = queue.take();
      if (!first || !('bytes' in first)) return [];
      return [first, ...queue.takeMore(first, maxPieces)].map(({ bytes }) => bytes.length);
    };
    for (let at = 0; at < 3; at += 1)
      for (const stream of ['stdout', 'stderr'] as const) queue.put(piece(at, 1, stream));
    expect(take(3)).toEqual([1, 1, 1, 1]);
    queue.put({ ...piece(0, 7), processId: 'other' });
    expect(take(63)).toEqual([1, 1]);
    queue.put({ ...piece(0, 500 * KIB, 'stderr'), processId: 'other' });
    queue.put({ ...piece(7, 12 * KIB), processId: 'other' });
    expect(take(63)).toEqual([7, 500 * KIB]);
    expect(take(63)).toEqual([12 * KIB]);
    expect(queue.waitingBytes).toBe(0);
  });

  it('never uses the memory of pieces again that were taken together, until the next one is taken', () => {
    const queue = createChunkQueue();
    queue.put({ ...piece(0, 200 * KIB), bytes: Buffer.alloc(200 * KIB, 'a') });
    queue.put({ ...piece(0, 200 * KIB, 'stderr'), bytes: Buffer.alloc(200 * KIB, 'b') });
    const first = queue.take();
    if (!first || !('bytes' in first)) throw new Error('nothing was taken');
    const together = [first, ...queue.takeMore(first, 63)];
    for (let at = 0; at < 8; at += 1) queue.put(piece(10 * MEBIBYTE + at * 300 * KIB, 300 * KIB));
    expect(together.map(({ bytes }) => new Set(bytes))).toEqual([new Set(Buffer.from('a')), new Set(Buffer.from('b'))]);
  });

  it('never changes a piece that was taken, until the next one is', () => {
    const queue = createChunkQueue();
    for (const size of [3, 512 * KIB]) {
      queue.put(piece(0, size));
      const [taken] = [queue.take()].flatMap((one) => (one && 'bytes' in one ? [one] : []));
      for (let at = 0; at < 20; at += 1)
        queue.put({ ...piece(size + at * 512 * KIB, 512 * KIB), bytes: Buffer.alloc(512 * KIB, 'y') });
      expect(taken?.bytes.equals(Buffer.alloc(size, 'x'))).toBe(true);
      queue.dropAll();
    }
  });

  it('keeps what it was given, whatever becomes of the memory that it came in', () => {
    const queue = createChunkQueue();
    const scratch = Buffer.alloc(2_000);
    for (let at = 0; at < 300; at += 1) queue.put({ ...piece(at * 2_000, 0), bytes: scratch.fill(at % 251) });
    const all = Buffer.concat(takeAll(queue).map(({ bytes }) => bytes));
    expect(all.length).toBe(600_000);
    for (let at = 0; at < 300; at += 1)
      expect([all[at * 2_000], all[at * 2_000 + 1_999]]).toEqual([at % 251, at % 251]);
  });

  it('cuts a long piece into requests that the server takes', () => {
    const queue = createChunkQueue();
    queue.put(piece(0, 1_300 * KIB));
    expect(takeAll(queue).map(({ offset, bytes }) => [offset, bytes.length])).toEqual([
      [0, 512 * KIB],
      [512 * KIB, 512 * KIB],
      [1_024 * KIB, 276 * KIB],
    ]);
  });

  it('leaves what comes after 4 MiB in its file, and loses nothing', () => {
    const queue = createChunkQueue();
    for (let at = 0; at < 1_000; at += 1) queue.put(piece(at * 512 * KIB, 512 * KIB));
    expect(queue.waitingBytes).toBe(1_000 * 512 * KIB);
    const taken = takeEverything(queue);
    expect(taken.slice(0, 8).every((one) => 'bytes' in one)).toBe(true);
    expect(taken.slice(8)).toEqual([
      { processId: 'build', stream: 'stdout', offset: 4_096 * KIB, length: 992 * 512 * KIB },
    ]);
    expect(queue.omitted('build', 'stdout')).toBe(0);
  });

  it('holds bytes in memory again once there is room, behind what was left in the file', () => {
    const queue = createChunkQueue();
    for (let at = 0; at < 9; at += 1) queue.put(piece(at * 512 * KIB, 512 * KIB));
    queue.take();
    queue.put(piece(9 * 512 * KIB, 3));
    const kinds = takeEverything(queue).map((one) => [one.offset / 512 / KIB, 'bytes' in one]);
    expect(kinds.slice(-2)).toEqual([
      [8, false],
      [9, true],
    ]);
  });

  it('counts what is no longer in its file, of one stream, and keeps what is in memory', () => {
    const queue = createChunkQueue();
    for (let at = 0; at < 12; at += 1) queue.put(piece(at * 512 * KIB, 512 * KIB));
    queue.put(piece(0, 512 * KIB, 'stderr'));
    const { waitingBytes } = queue;
    queue.dropFromFile({ processId: 'another', stream: 'stdout' }, Infinity);
    queue.dropFromFile({ processId: 'build', stream: 'stdout' }, 10 * 512 * KIB + 7);
    expect(queue.omitted('build', 'stdout')).toBe(2 * 512 * KIB + 7);
    expect(queue.waitingBytes).toBe(waitingBytes - 2 * 512 * KIB - 7);
    queue.put(piece(12 * 512 * KIB, 512 * KIB));
    queue.dropFromFile({ processId: 'build', stream: 'stderr' }, Infinity);
    expect(queue.omitted('build', 'stderr')).toBe(512 * KIB);
    expect(takeEverything(queue).slice(8)).toEqual([
      { processId: 'build', stream: 'stdout', offset: 10 * 512 * KIB + 7, length: 2 * 512 * KIB - 7 },
      { processId: 'build', stream: 'stdout', offset: 12 * 512 * KIB, length: 512 * KIB },
    ]);
    expect(queue.waitingBytes).toBe(0);
  });

  it('loses no byte without counting it', () => {
    const sizes = fc.array(fc.record({ stream: fc.constantFrom('stdout', 'stderr'), size: fc.nat(900 * KIB) }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(sizes, (puts) => {
        const queue = createChunkQueue();
        const given = { stdout: 0, stderr: 0 };
        for (const { stream, size } of puts as { stream: 'stdout' | 'stderr'; size: number }[]) {
          queue.put(piece(given[stream], size, stream));
          given[stream] += size;
        }
        const taken = { stdout: 0, stderr: 0 };
        for (const one of takeEverything(queue)) taken[one.stream] += lengthOf(one);
        for (const stream of ['stdout', 'stderr'] as const) {
          expect(taken[stream] + queue.omitted('build', stream)).toBe(given[stream]);
        }
        expect(queue.waitingBytes).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});
