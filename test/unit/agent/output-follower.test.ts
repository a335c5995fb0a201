import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecretPatterns } from '../../../agent/process/secrets/masker.ts';
import { OutputFollower } from '../../../agent/process/output/output-follower.ts';
import { OutputStore } from '../../../agent/process/output/output-store.ts';
import type { Runs } from '../../../agent/process/output/write-runs.ts';
import { createChunkQueue } from '../../../agent/report/chunk-queue.ts';
import type { StreamName } from '../../../shared/protocol/signals.ts';

const MEBIBYTE = 1024 * 1024;
const SECRET = 'hunter2-correct-horse-battery-staple-0123456789';
const UNKNOWN: Runs = { first: 'stdout', count: 0 };

interface Seen {
  readonly stream: StreamName;
  readonly offset: number;
  readonly text: string;
}

describe('output that is followed from its files', () => {
  let place: string;
  let stores: Record<StreamName, OutputStore>;
  let seen: Seen[];
  let follower: OutputFollower;
  let queue: ReturnType<typeof createChunkQueue>;

  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), 'wip-follower-'));
    const secretPatterns = createSecretPatterns();
    secretPatterns.add([SECRET]);
    const store = (name: StreamName): OutputStore => {
      writeFileSync(join(place, name), '');
      return new OutputStore(join(place, name), secretPatterns);
    };
    stores = { stdout: store('stdout'), stderr: store('stderr') };
    seen = [];
    queue = createChunkQueue();
    follower = new OutputFollower({
      stores,
      secretPatterns,
      onOutput: (stream, offset, data) => {
        seen.push({ stream, offset, text: data.toString('latin1') });
        queue.put({ processId: place, stream, offset, bytes: data });
      },
    });
  });
  afterEach(() => {
    for (const one of Object.values(stores)) one.close();
    rmSync(place, { recursive: true });
  });

  const write = (stream: StreamName, data: Buffer | string): void => appendFileSync(join(place, stream), data);
  /** Reads the sizes of the files. Everything is sure and settled, but for what is said otherwise. */
  function readSizes(runs: Runs, settled: Partial<Record<StreamName, number>> = {}): void {
    const endOf = (stream: StreamName): { settled: number; sure: number; seen: number } => {
      const { size } = statSync(join(place, stream));
      return { settled: settled[stream] ?? size, sure: size, seen: size };
    };
    follower.add({ ends: { stdout: endOf('stdout'), stderr: endOf('stderr') }, runs });
  }
  const textOf = (name?: StreamName): string =>
    seen.flatMap(({ stream, text }) => (name === undefined || stream === name ? [text] : [])).join('');

  it('comes in the order in which it was written, between two readings of the sizes and in each of them', () => {
    for (let line = 1; line <= 3_000; line += 1) {
      write(line % 3 === 0 ? 'stderr' : 'stdout', `line ${line}\n`);
      if (line % 30 === 0) readSizes({ first: 'stdout', count: 20 });
    }
    while (follower.turn() === 'more');
    follower.finish();
    expect(textOf()).toBe(Array.from({ length: 3_000 }, (_, at) => `line ${at + 1}\n`).join(''));
  });

  it('is no longer dealt line by line where it is more than a moment’s worth', () => {
    write('stdout', 'o\n'.repeat(200_000));
    write('stderr', 'e\n'.repeat(200_000));
    readSizes({ first: 'stderr', count: 400_000 });
    follower.finish();
    expect(textOf()).toBe('e\n'.repeat(200_000) + 'o\n'.repeat(200_000));
  });

  it('shares the event loop: two MiB or a thousand pieces are a turn', () => {
    write('stdout', Buffer.alloc(5 * MEBIBYTE, 'x'));
    readSizes(UNKNOWN);
    const turns = [follower.turn(), follower.turn(), follower.turn()];
    expect(turns).toEqual(['more', 'more', 'done']);
    for (let line = 0; line < 2_000; line += 1) {
      write('stdout', 'o\n');
      write('stderr', 'e\n');
      readSizes({ first: 'stdout', count: 2 });
    }
    expect([follower.turn(), follower.turn()]).toEqual(['more', 'more']);
    expect(seen.filter(({ text }) => text === 'e\n')).toHaveLength(1_024);
  });

  it('is not left out by the turn in which it is read: half of what may wait is room for what still waits', () => {
    write('stdout', Buffer.alloc(6 * MEBIBYTE, 'x'));
    readSizes(UNKNOWN);
    expect(follower.turn()).toBe('more');
    expect(follower.turn()).toBe('more');
    expect(queue.omitted(place, 'stdout')).toBe(0);
    expect(queue.waitingBytes).toBe(4 * MEBIBYTE);
    follower.finish();
    expect(queue.omitted(place, 'stdout')).toBe(0);
    expect(queue.waitingBytes).toBe(6 * MEBIBYTE);
  });

  it('never shows a line that is still being written in two parts with the other stream between', () => {
    write('stdout', `${'x'.repeat(4_000)}\n${'y'.repeat(95)}`);
    write('stderr', 'between\n');
    readSizes({ first: 'stdout', count: 2 }, { stdout: 0 });
    write('stdout', 'y\n');
    readSizes({ first: 'stdout', count: 1 }, { stdout: 4_096 });
    follower.finish();
    expect(seen.map(({ text }) => text)).toEqual([`${'x'.repeat(4_000)}\n`, 'between\n', `${'y'.repeat(96)}\n`]);
  });

  it('shows half a line that ends with a page and stays so', () => {
    write('stdout', 'x'.repeat(4_096));
    readSizes({ first: 'stdout', count: 1 }, { stdout: 0 });
    follower.turn();
    readSizes(UNKNOWN);
    follower.turn();
    expect(textOf()).toBe('x'.repeat(4_096));
  });

  it('keeps the last 64 MiB of what it is too far behind, counts the rest, and tells no secret by its beginning or end', () => {
    write('stdout', Buffer.concat([Buffer.alloc(MEBIBYTE - 20, 'x'), Buffer.from(SECRET.slice(0, 20))]));
    readSizes(UNKNOWN);
    follower.turn();
    write('stderr', 'between\n');
    readSizes({ first: 'stderr', count: 1 });
    const behind = Buffer.alloc(150 * MEBIBYTE, 'x');
    behind.write(SECRET.slice(20), 0);
    behind.write(SECRET, behind.length - 64 * MEBIBYTE - 20);
    write('stdout', behind);
    readSizes({ first: 'stdout', count: 1 });
    follower.finish();
    const all = textOf('stdout');
    expect(all.startsWith(`${'x'.repeat(MEBIBYTE - 20)}${'*'.repeat(20)}`)).toBe(true);
    expect(all.replaceAll(/[x*]/g, '')).toBe('');
    expect(textOf('stderr')).toBe('between\n');
    const { ends } = stores.stdout;
    expect(ends.bytes()).toBe(151 * MEBIBYTE);
    expect(all.length).toBe(65 * MEBIBYTE);
    expect(ends.skipped()).toBe(86 * MEBIBYTE);
    const last = seen.findLast(({ stream }) => stream === 'stdout');
    expect((last?.offset ?? 0) + (last?.text.length ?? 0)).toBe(151 * MEBIBYTE);
  });

  it('of a burst of 150 MB in a moment is there with its first 64 KiB and its last 64 MiB', () => {
    const [bytes, head, kept] = [150_000_000, 64 * 1024, 64 * MEBIBYTE];
    const burst = Buffer.alloc(bytes, 'middle\n');
    write('stdout', burst);
    readSizes(UNKNOWN);
    follower.finish();
    expect(stores.stdout.ends.skipped()).toBe(bytes - head - kept);
    expect(stores.stdout.ends.head().equals(burst.subarray(0, head))).toBe(true);
    const all = Buffer.concat(seen.map(({ text }) => Buffer.from(text, 'latin1')));
    expect(all.equals(Buffer.concat([burst.subarray(0, head), burst.subarray(bytes - kept)]))).toBe(true);
    const { offset } = stores.stdout.readAt(0, 1);
    expect(offset).toBeLessThanOrEqual(bytes - kept);
  });

  it('that a build writes and reads on without a pause leaves nothing out of 80 MiB', () => {
    for (let at = 0; at < 8; at += 1) {
      write('stdout', Buffer.alloc(10 * MEBIBYTE, 'x'));
      readSizes(UNKNOWN);
    }
    follower.finish();
    expect(stores.stdout.ends.skipped()).toBe(0);
  });

  it('that somebody took out of its file holds nothing up', () => {
    write('stdout', Buffer.alloc(MEBIBYTE, 'x'));
    write('stderr', 'goes on\n');
    readSizes({ first: 'stdout', count: 2 });
    truncateSync(join(place, 'stdout'), 1_000);
    follower.finish();
    expect([textOf('stdout').length, textOf('stderr')]).toEqual([1_000, 'goes on\n']);
  });
});
