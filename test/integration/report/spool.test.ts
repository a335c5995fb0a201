import { mkdir, mkdtemp, open, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSpool, type Spool } from '../../../agent/report/spool.ts';
import { RecordingLog } from '../../kit/recording-log.ts';

const SLOT_BYTES = 64 * 1024;
let directory: string;
let file: string;
let shared: string;
const opened: Spool[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'wip-spool-'));
  file = path.join(directory, 'var', 'spool');
  shared = path.join(directory, 'shm');
  await mkdir(shared);
});
afterEach(async () => {
  for (const spool of opened.splice(0)) await spool.close();
  await rm(directory, { recursive: true });
});

async function openHere(): Promise<Spool> {
  const spool = await openSpool({
    file,
    sharedMemoryDirectory: shared,
    slotBytes: SLOT_BYTES,
    log: new RecordingLog(),
  });
  opened.push(spool);
  return spool;
}

async function loadAgain(): Promise<string | undefined> {
  return (await (await openHere()).load())?.toString();
}

describe('openSpool', () => {
  it('takes the blocks of both slots at once, for itself only', async () => {
    await openHere();
    const made = await stat(file);
    expect(made.size).toBe(2 * SLOT_BYTES);
    expect(made.blocks * 512).toBeGreaterThanOrEqual(2 * SLOT_BYTES);
    expect(made.mode & 0o777).toBe(0o600);
  });

  it('has nothing to load at first, and the last content afterwards', async () => {
    const spool = await openHere();
    expect(await spool.load()).toBeUndefined();
    for (const content of ['one', 'two', 'three']) expect(await spool.save(Buffer.from(content))).toBe('file');
    expect(await loadAgain()).toBe('three');
  });

  it('falls back to the content before when the last write was cut off', async () => {
    const spool = await openHere();
    await spool.save(Buffer.from('first'));
    await spool.save(Buffer.from('second'));
    const handle = await open(file, 'r+');
    await handle.write('!', 20); // the second generation is in the first slot, and its content begins after the header
    await handle.close();
    expect(await loadAgain()).toBe('first');
  });

  it('saves in the order of the calls', async () => {
    const spool = await openHere();
    await Promise.all(Array.from({ length: 20 }, (_, index) => spool.save(Buffer.from(`content ${index}`))));
    expect(await loadAgain()).toBe('content 19');
  });

  it('survives garbage in the file', async () => {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, Buffer.alloc(3 * SLOT_BYTES, 'WIPS'), { mode: 0o600 });
    expect(await loadAgain()).toBeUndefined();
  });

  it('goes to shared memory when there is no place for the file, and finds it there again', async () => {
    await writeFile(path.join(directory, 'var'), 'a file where the directory should be');
    const spool = await openHere();
    expect(spool.location).toBe('shared-memory');
    expect(await spool.save(Buffer.from('kept'))).toBe('shared-memory');
    expect(await loadAgain()).toBe('kept');
  });

  describe('in shared memory', () => {
    const blocked = (): string => path.join(directory, 'var');

    it('is removed when nothing is left to be delivered', async () => {
      await writeFile(blocked(), 'a file where the directory should be');
      const spool = await openHere();
      await spool.save(Buffer.from('delivered by now'));
      await spool.release();
      expect(await readdir(shared)).toEqual([]);
    });

    it('is removed when nothing was ever written', async () => {
      await writeFile(blocked(), '');
      const spool = await openHere();
      expect(await readdir(shared)).toHaveLength(1);
      await spool.close();
      expect(await readdir(shared)).toEqual([]);
    });

    it('is moved into the file by the next agent, when the one before was killed with a full disk', async () => {
      await writeFile(blocked(), '');
      await (await openHere()).save(Buffer.from('last words'));
      await rm(blocked());
      const next = await openHere();
      expect(next.location).toBe('file');
      expect(await readdir(shared)).toEqual([]);
      expect((await next.load())?.toString()).toBe('last words');
      // That agent may be killed as well.
      expect(await loadAgain()).toBe('last words');
    });

    it('stays where it is another one’s', async () => {
      await writeFile(blocked(), '');
      await openHere();
      const [name = ''] = await readdir(shared);
      await rm(path.join(shared, name));
      await writeFile(path.join(shared, name), 'precious', { mode: 0o644 });
      await rm(blocked());
      const spool = await openHere();
      await spool.save(Buffer.from('own'));
      await spool.release();
      expect(await readdir(shared)).toEqual([name]);
    });
  });

  it('goes to memory when there is neither', async () => {
    await writeFile(path.join(directory, 'var'), '');
    await rm(shared, { recursive: true });
    await writeFile(shared, '');
    const spool = await openHere();
    expect(await spool.save(Buffer.from('kept'))).toBe('memory');
  });

  it('does not write through a link, nor into a file that others may write', async () => {
    const target = path.join(directory, 'target');
    await writeFile(target, 'precious');
    await mkdir(path.dirname(file));
    await symlink(target, file);
    expect((await openHere()).location).toBe('shared-memory');
    await rm(path.join(shared, (await readdir(shared))[0] ?? ''));
    await rm(file);
    await writeFile(file, '', { mode: 0o666 });
    expect((await openHere()).location).toBe('shared-memory');
  });

  it('keeps in memory what is longer than a slot, and goes on with the file afterwards', async () => {
    const spool = await openHere();
    expect(await spool.save(Buffer.alloc(SLOT_BYTES))).toBe('memory');
    expect(await spool.save(Buffer.from('short'))).toBe('file');
    expect(await loadAgain()).toBe('short');
  });
});
