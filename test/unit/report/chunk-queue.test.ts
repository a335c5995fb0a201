import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createChunkQueue, type LeftInFile, type OutputPiece } from '../../../agent/report/chunk-queue.ts';

const KIB = 1024;

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
    for (let at = 0; at < 500; at += 1) {
      queue.put(piece(at, 1, 'stdout'));
      queue.put(piece(at, 1, 'stderr'));
    }
    expect(takeAll(queue).length).toBe(16);
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
