import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';

/** Only root with the right to mount can have a disk of its own. */
export const mayMount = process.getuid?.() === 0 && spawnSync('unshare', ['--mount', 'true']).status === 0;

/** Makes a filesystem for the duration of the test, in which another user may have a directory, and with this many inodes. */
export function makeDisk(megabytes: number, inodes?: number): string {
  const where = mkdtempSync(join(tmpdir(), 'wip-disk-'));
  execFileSync('mount', [
    '-t',
    'tmpfs',
    '-o',
    `size=${megabytes * 1024}k,mode=711${inodes === undefined ? '' : `,nr_inodes=${inodes}`}`,
    'tmpfs',
    where,
  ]);
  onTestFinished(() => {
    execFileSync('umount', [where]);
    rmdirSync(where);
  });
  return where;
}

/** Fills the rest of the disk. Returns a function that frees it. */
export function fillDisk(disk: string): () => void {
  const file = join(disk, 'ballast');
  const handle = openSync(file, 'w');
  try {
    for (const piece = Buffer.alloc(65_536); ;) writeSync(handle, piece);
  } catch (error) {
    expect(error).toMatchObject({ code: 'ENOSPC' });
  } finally {
    closeSync(handle);
  }
  return () => rmSync(file);
}
