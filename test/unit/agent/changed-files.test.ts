import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMarker, walkChangedFiles, type ChangedFiles } from '../../../agent/monitor/changed-files.ts';
import { eventually } from '../../kit/eventually.ts';

describe('the walk over changed files', () => {
  let root: string;
  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'wip-walk-'))));
  afterEach(() => rmSync(root, { recursive: true }));
  type Marker = ReturnType<typeof createMarker>;
  const walk = (marker: Marker, excluded: string[] = []): Promise<ChangedFiles> =>
    walkChangedFiles({ paths: [root], excluded: new Set(excluded), ...marker, monotonicMs: () => performance.now() });
  const write = (name: string, megabytes: number): void =>
    writeFileSync(join(root, name), Buffer.alloc(megabytes * 1024 * 1024, 1));

  /**
   * ctime moves in ticks of some milliseconds: a marker made in the same tick as an earlier file would count that file
   * too.
   */
  async function placeLaterMarker(name: string): Promise<Marker> {
    const { ctimeMs } = lstatSync(join(root, 'image'));
    return eventually('the next tick of the filesystem', () => {
      const marker = createMarker(join(root, name));
      return marker.sinceMs > ctimeMs ? marker : undefined;
    });
  }

  it('counts what was written since the marker: old times, hard links, links and own files do not fool it', async () => {
    write('image', 3);
    const marker = await placeLaterMarker('own/marker');
    mkdirSync(join(root, 'deep'));
    write('deep/new', 2);
    utimesSync(join(root, 'deep/new'), new Date(0), new Date(0));
    linkSync(join(root, 'deep/new'), join(root, 'hard'));
    symlinkSync('/', join(root, 'everything'));
    write('own/spool', 5);
    const { bytes } = await walk(marker, [join(root, 'own')]);
    expect(bytes / 1024 / 1024).toBeGreaterThanOrEqual(2);
    expect(bytes / 1024 / 1024).toBeLessThan(2.2);
  });

  it('counts files below names that are no UTF-8, as a build in Latin-1 leaves them', async () => {
    write('image', 1);
    const marker = await placeLaterMarker('own/marker');
    const cafe = Buffer.concat([Buffer.from(join(root, 'caf')), Buffer.from([0xe9])]);
    mkdirSync(cafe);
    writeFileSync(Buffer.concat([cafe, Buffer.from('/new')]), Buffer.alloc(2 * 1024 * 1024, 1));
    mkdirSync(Buffer.concat([cafe, Buffer.from('/deep')]));
    writeFileSync(Buffer.concat([cafe, Buffer.from('/deep/newer')]), Buffer.alloc(1024 * 1024, 1));
    const { bytes } = await walk(marker, [join(root, 'own')]);
    expect(bytes / 1024 / 1024).toBeGreaterThanOrEqual(3);
    expect(bytes / 1024 / 1024).toBeLessThan(3.2);
  });

  it('shows a replaced file although the disk is as full as before', async () => {
    write('image', 3);
    const marker = await placeLaterMarker('marker');
    rmSync(join(root, 'image'));
    write('other', 3);
    expect((await walk(marker)).bytes).toBeGreaterThanOrEqual(3 * 1024 * 1024);
  });

  const MEGABYTE = Buffer.alloc(1024 * 1024, 1);

  /** Makes a tree as `cd` and `mkdir` in a loop do. `fill` gets each directory by a short path. */
  function makeDeepTree(levels: number, fill: (directory: string, level: number) => void): void {
    let fd = openSync(root, 'r');
    for (let level = 1; level <= levels; level += 1) {
      const here = `/proc/self/fd/${fd}`;
      fill(here, level);
      const deeper = join(here, 'd'.repeat(200));
      mkdirSync(deeper);
      const next = openSync(deeper, 'r');
      closeSync(fd);
      fd = next;
    }
    fill(`/proc/self/fd/${fd}`, levels + 1);
    closeSync(fd);
  }

  it('counts what lies deeper than a path can be long', async () => {
    const marker = createMarker(join(root, 'marker'));
    makeDeepTree(60, (directory, level) => {
      if (level % 20 !== 1) return;
      writeFileSync(join(directory, 'new'), MEGABYTE);
      mkdirSync(join(directory, 'beside'));
      writeFileSync(join(directory, 'beside', 'new'), MEGABYTE);
    });
    const before = readdirSync('/proc/self/fd').length;
    const { bytes, isComplete } = await walk(marker);
    expect(isComplete).toBe(true);
    expect(bytes / 1024 / 1024).toBeGreaterThanOrEqual(8);
    expect(bytes / 1024 / 1024).toBeLessThan(8.5);
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });

  it('says so when a tree is too deep to be held open', async () => {
    const marker = createMarker(join(root, 'marker'));
    const beside = (directory: string, when: string): void => {
      for (let count = 0; count < 4; count += 1) mkdirSync(join(directory, `${when}${count}`));
    };
    makeDeepTree(720, (directory, level) => {
      // Whatever the order in which the filesystem lists them, one of them waits while the deeper one is read.
      if (level % 6 === 0) beside(directory, 'before');
      if (level % 6 === 1) beside(directory, 'after');
    });
    const before = readdirSync('/proc/self/fd').length;
    expect((await walk(marker)).isComplete).toBe(false);
    expect(readdirSync('/proc/self/fd')).toHaveLength(before);
  });
});
