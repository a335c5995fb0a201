import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNeedles } from '../../../agent/process/masker.ts';
import { OutputReader } from '../../../agent/process/output-reader.ts';
import { createChunkQueue } from '../../../agent/report/chunk-queue.ts';

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
    const reader = new OutputReader(file, createNeedles(), put);
    expect(reader.readTurn()).toBe('more');
    expect(reader.readTurn()).toBe('more');
    expect(queue.omitted('build', 'stdout')).toBe(0);
    expect(queue.waitingBytes).toBe(4 * MEBIBYTE);
    reader.finish();
    expect(queue.omitted('build', 'stdout') + queue.waitingBytes).toBe(6 * MEBIBYTE);
  });
});
