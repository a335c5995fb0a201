import { execFile } from 'node:child_process';
import { chmod, lstat, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { startEmbeddedPostgres } from '../../../controlplane/postgres/embedded-postgres.ts';
import { copyBinaries, findPackage } from '../../../controlplane/postgres/binaries.ts';
import { chooseServerUser, isReachable } from '../../../controlplane/postgres/server-user.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { RecordingLog } from '../../kit/recording-log.ts';

const PLATFORM = `${process.platform}-${process.arch}`;
const isRoot = process.getuid?.() === 0;
const directories: string[] = [];
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true });
});

async function directory(): Promise<string> {
  const made = await realpath(await mkdtemp(join(tmpdir(), 'wip-test-place-')));
  directories.push(made);
  return made;
}

describe('the programs of the server', () => {
  it('copied for a user who cannot get at them run from the copy, which is made once', async () => {
    const copies = await directory();
    const root = findPackage(PLATFORM);
    const [first, second] = await Promise.all([copyBinaries(root, '1', copies), copyBinaries(root, '1', copies)]);
    expect(second).toBe(first);
    const { stdout } = await promisify(execFile)(join(first, 'bin/postgres'), ['--version'], { env: {} });
    expect(stdout).toContain('PostgreSQL');
  });

  it('are not run from a copy that somebody else can change', async () => {
    const copies = await directory();
    const root = findPackage(PLATFORM);
    await chmod(dirname(await copyBinaries(root, '1', copies)), 0o777);
    await expect(copyBinaries(root, '1', copies)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  });

  it('missing for a platform are an error that names DATABASE_URL', () => {
    expect(() => findPackage('plan9-mips')).toThrow(/plan9-mips.*Set DATABASE_URL/);
  });
});

describe('a directory that the server user cannot enter', () => {
  it('is told from one that he can', async () => {
    const closed = await directory();
    expect(await isReachable(closed, { uid: 65_534, gid: 65_534 })).toBe(false);
    await chmod(closed, 0o711);
    expect(await isReachable(closed, { uid: 65_534, gid: 65_534 })).toBe(true);
    expect(await isReachable(closed, undefined)).toBe(true);
    expect([chooseServerUser(1000), chooseServerUser(0)]).toEqual([undefined, { uid: 65_534, gid: 65_534 }]);
  });

  it.runIf(isRoot)('keeps the state file, and the database is elsewhere', async () => {
    const closed = await directory();
    const start = () => startEmbeddedPostgres({ directory: closed, log: new RecordingLog(), clock: systemClock });
    await (await start()).close();
    const state = JSON.parse(await readFile(join(closed, 'server.json'), 'utf8')) as { dataDirectory: string };
    directories.push(dirname(state.dataDirectory));
    expect(state.dataDirectory).toMatch(/^\/var\/tmp\/wip-data-[0-9a-f]{16}\/data$/);
    expect((await lstat(join(closed, 'server.json'))).mode & 0o777).toBe(0o600);
    await (await start()).close();
  });
});
