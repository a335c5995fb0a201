import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createChunkQueue, type Piece } from '../../../agent/report/chunk-queue.ts';

const KIB = 1024;

function piece(offset: number, bytes: number, stream: 'stdout' | 'stderr' = 'stdout'): Piece {
  return { processId: 'build', stream, offset, bytes: Buffer.alloc(bytes, 'x') };
}

function takeAll(queue: ReturnType<typeof createChunkQueue>): Piece[] {
  const taken: Piece[] = [];
  for (let next = queue.take(); next; next = queue.take()) taken.push({ ...next, bytes: Buffer.from(next.bytes) });
  return taken;
}

describe('createChunkQueue', () => {
  it('joins bytes that follow each other, and only those', () => {
    const queue = createChunkQueue();
    for (const one of [piece(0, 3), piece(3, 2), piece(0, 4, 'stderr'), piece(5, 1), piece(9, 1)]) queue.put(one);
    const sizes = takeAll(queue).map(({ stream, offset, bytes }) => [stream, offset, bytes.length]);
    expect(sizes).toEqual([
      ['stdout', 0, 6],
      ['stderr', 0, 4],
      ['stdout', 9, 1],
    ]);
  });

  it('never changes a piece that was taken, until the next one is', () => {
    const queue = createChunkQueue();
    for (const size of [3, 512 * KIB]) {
      queue.put(piece(0, size));
      const taken = queue.take();
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

  it('drops the oldest bytes when more than 4 MiB wait, and counts them', () => {
    const queue = createChunkQueue();
    for (let at = 0; at < 10; at += 1) queue.put(piece(at * 512 * KIB, 512 * KIB));
    expect(queue.waitingBytes).toBe(4_096 * KIB);
    expect(queue.omitted('build', 'stdout')).toBe(1_024 * KIB);
    expect(queue.omitted('build', 'stderr')).toBe(0);
    expect(queue.take()?.offset).toBe(1_024 * KIB);
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
        for (const { stream, bytes } of takeAll(queue)) taken[stream] += bytes.length;
        for (const stream of ['stdout', 'stderr'] as const) {
          expect(taken[stream] + queue.omitted('build', stream)).toBe(given[stream]);
        }
        expect(queue.waitingBytes).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});
