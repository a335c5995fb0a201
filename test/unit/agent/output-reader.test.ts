import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followOutput } from '../../../agent/process/follow-output.ts';
import { createSecretPatterns } from '../../../agent/process/masker.ts';
import { OutputReader } from '../../../agent/process/output-reader.ts';
import { createChunkQueue } from '../../../agent/report/chunk-queue.ts';
import { systemClock } from '../../../shared/support/clock.ts';

const MEBIBYTE = 1024 * 1024;

describe('live output of a build that writes fast', () => {
  let place: string;
  beforeEach(() => (place = mkdtempSync(join(tmpdir(), 'wip-reader-'))));
  afterEach(() => rmSync(place, { recursive: true }));

  it('is not left out by the turn in which it is read: half of what may wait is room for what still waits', () => {
    const file = join(place, 'stdout');
    writeFileSync(file, Buffer.alloc(6 * MEBIBYTE, 'x'));
    const queue = createChunkQueue();
    const put = (offset: number, bytes: Buffer): void =>
      queue.put({ processId: 'build', stream: 'stdout', offset, bytes });
    const reader = new OutputReader(file, createSecretPatterns(), put);
    expect(reader.readTurn()).toBe('more');
    expect(reader.readTurn()).toBe('more');
    expect(queue.omitted('build', 'stdout')).toBe(0);
    expect(queue.waitingBytes).toBe(4 * MEBIBYTE);
    reader.finish();
    expect(queue.omitted('build', 'stdout')).toBe(0);
    expect(queue.waitingBytes).toBe(6 * MEBIBYTE);
  });

  it('of stderr comes after the burst on stdout that was written before it', async () => {
    const [stdout, stderr] = [join(place, 'stdout'), join(place, 'stderr')];
    writeFileSync(stdout, Buffer.alloc(15 * MEBIBYTE, 'x'));
    writeFileSync(stderr, 'the end');
    const read: string[] = [];
    const reader = (stream: string, file: string): OutputReader =>
      new OutputReader(file, createSecretPatterns(), () => void read.push(stream));
    const readers = { stdout: reader('stdout', stdout), stderr: reader('stderr', stderr) };
    await followOutput(readers, () => !read.includes('stderr'), systemClock);
    expect(read.filter((stream) => stream === 'stdout')).toHaveLength((15 * MEBIBYTE) / (256 * 1024));
    for (const one of Object.values(readers)) one.finish();
  });
});

describe('a secret at a place where output is left out', () => {
  const SECRET = 'hunter2-correct-horse-battery-staple-0123456789';
  let place: string;
  beforeEach(() => (place = mkdtempSync(join(tmpdir(), 'wip-reader-'))));
  afterEach(() => rmSync(place, { recursive: true }));

  function follow(file: string): { reader: OutputReader; seen: Map<number, string> } {
    const secretPatterns = createSecretPatterns();
    secretPatterns.add([SECRET]);
    const seen = new Map<number, string>();
    const reader = new OutputReader(
      file,
      secretPatterns,
      (offset, data) => void seen.set(offset, data.toString('latin1')),
    );
    return { reader, seen };
  }

  it('is not told in part, by its beginning before or by its end behind', () => {
    const file = join(place, 'stdout');
    // The first turn reads 2 MiB. The jump then leads to the last 2 MiB of more than 64 MiB.
    writeFileSync(
      file,
      Buffer.concat([Buffer.alloc(2 * MEBIBYTE - 20, 'x'), Buffer.from(SECRET)]).subarray(0, 2 * MEBIBYTE),
    );
    const { reader, seen } = follow(file);
    reader.readTurn();
    const behind = Buffer.alloc(70 * MEBIBYTE, 'x');
    behind.write(SECRET.slice(20), 0);
    behind.write(SECRET, behind.length - 2 * MEBIBYTE - 20);
    appendFileSync(file, behind);
    reader.finish();
    const all = [...seen.values()].join('');
    expect(all).toContain(`xxx${'*'.repeat(20)}`);
    expect(all.replaceAll(/[x*]/g, '')).toBe('');
    expect(reader.ends.bytes()).toBe(72 * MEBIBYTE);
    const told = [...seen.values()].reduce((sum, text) => sum + text.length, 0);
    expect(told + reader.ends.skipped()).toBe(72 * MEBIBYTE);
    const last = Math.max(...seen.keys());
    expect(last + seen.get(last)!.length).toBe(72 * MEBIBYTE);
  });

  it('is not told by its beginning when the build shortens the file behind that', () => {
    const file = join(place, 'stdout');
    writeFileSync(file, `before ${SECRET.slice(0, 40)}`);
    const { reader, seen } = follow(file);
    reader.readTurn();
    writeFileSync(file, 'after');
    reader.finish();
    expect([...seen.values()].join('')).toBe(`before ${'*'.repeat(40)}after`);
  });
});
