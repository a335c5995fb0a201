import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { openDatabase } from '../../../controlplane/store/database.ts';
import {
  startEmbeddedPostgres,
  type EmbeddedOptions,
  type EmbeddedPostgres,
} from '../../../controlplane/postgres/embedded-postgres.ts';
import { canHoldSocket } from '../../../controlplane/postgres/socket.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { makeServerDirectory } from '../../kit/database/database-server.ts';
import { eventually } from '../../kit/eventually.ts';
import { RecordingLog } from '../../kit/recording-log.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function directory(): Promise<string> {
  const made = await makeServerDirectory();
  cleanups.push(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function start(where: string, more: Partial<EmbeddedOptions> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({
    ...{ directory: where, log: new RecordingLog(), clock: systemClock },
    ...more,
  });
  cleanups.push(() => server.close());
  return server;
}

/** For what does not depend on how the data are kept: not waiting for the disk takes half of the time. */
const startTemporary = (where: string): Promise<EmbeddedPostgres> => start(where, { isTemporary: true });

/** Runs one statement on its own connection. */
async function ask<Row>(url: string, query: string): Promise<Row[]> {
  const database = openDatabase(url, { poolSize: 1 });
  try {
    return (await sql.raw<Row>(query).execute(database.db)).rows;
  } finally {
    await database.close();
  }
}

/** Starts a process that starts its own server, like a node. `kill` ends it like kill -9. */
async function startNode(where: string): Promise<{ url: string; pid: number; kill: () => Promise<void> }> {
  const program = new URL('../../kit/programs/embedded-node.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, where], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  cleanups.push(kill);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { ...(JSON.parse(line) as { url: string; pid: number }), kill };
}

describe('the embedded server', () => {
  it('keeps what was committed from one start to the next, with fsync on', async () => {
    const where = await directory();
    const first = await start(where);
    await ask(first.url, 'CREATE TABLE kept AS SELECT 7 AS number');
    await first.close();
    const second = await start(where);
    expect(second.wasAdopted).toBe(false);
    expect(await ask(second.url, 'SELECT number FROM kept')).toEqual([{ number: 7 }]);
    expect(
      await ask(
        second.url,
        `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
      current_setting('timezone') AS zone`,
      ),
    ).toEqual([{ fsync: 'on', commit: 'on', zone: 'UTC' }]);
  });

  it('has room for a pool as big as the configuration allows', async () => {
    const { url } = await start(await directory(), { connections: 502, isTemporary: true });
    const [row] = await ask<{ most: number }>(url, `SELECT current_setting('max_connections')::int AS most`);
    expect(row?.most).toBeGreaterThan(502);
  });

  it('listens on loopback only, lets nobody in without the password, and does not run any more after close', async () => {
    const server = await startTemporary(await directory());
    const { url } = server;
    expect(await ask(url, `SELECT current_setting('listen_addresses') AS at`)).toEqual([{ at: '127.0.0.1' }]);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(ask(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    await server.close();
    await expect(ask(url, 'SELECT 1')).rejects.toThrow();
    expect(() => process.kill(server.pid, 0)).toThrow();
  });

  it.each([
    ['a socket in its data directory, which nobody else may enter', 'plain', { address: null }],
    ['a socket, whatever characters its directory has', `a, "b" and 'c' of d`, { address: null }],
    ['loopback, where the path of a socket would be too long', 'long'.repeat(30), { address: '127.0.0.1/32' }],
  ])('is reached by %s', async (_how, name, address) => {
    const { url } = await startTemporary(join(await directory(), name));
    expect(await ask(url, 'SELECT inet_server_addr()::text AS address')).toEqual([address]);
    const [row] = await ask<{ path: string }>(url, `SELECT current_setting('data_directory') AS path`);
    expect((await stat(row!.path)).mode & 0o077).toBe(0);
  });

  it('has no socket where a filesystem holds none', async () => {
    const where = await directory();
    await writeFile(join(where, '.s.PGSQL.0'), 'left by a node that was killed while it tried');
    expect(await canHoldSocket(where)).toBe(true);
    expect(await readdir(where)).toEqual([]);
    expect(await canHoldSocket('/proc')).toBe(false);
  });

  it('is refused to a second node, which is told who has the directory', async () => {
    const where = await directory();
    await startTemporary(where);
    await expect(start(where)).rejects.toMatchObject({
      code: 'DATA_DIRECTORY_LOCKED',
      message: expect.stringContaining(`is in use by process ${process.pid}. Stop that node first`) as string,
    });
  });

  it('outlives a node that is killed, and is adopted by the next one', async () => {
    const where = await directory();
    const node = await startNode(where);
    await expect(start(where)).rejects.toMatchObject({ code: 'DATA_DIRECTORY_LOCKED' });
    await ask(node.url, 'CREATE TABLE kept AS SELECT 7 AS number');
    await node.kill();
    const next = await start(where);
    expect([next.wasAdopted, next.pid, next.url]).toEqual([true, node.pid, node.url]);
    expect(await ask(next.url, 'SELECT number FROM kept')).toEqual([{ number: 7 }]);
  });

  it('that was killed too is started again, recovers, and has one socket', async () => {
    const where = await directory();
    const node = await startNode(where);
    await ask(node.url, 'CREATE TABLE kept AS SELECT 7 AS number');
    await node.kill();
    process.kill(node.pid, 'SIGKILL');
    const next = await start(where);
    expect(next.wasAdopted).toBe(false);
    expect(await ask(next.url, 'SELECT number FROM kept')).toEqual([{ number: 7 }]);
    const { port, searchParams } = new URL(next.url);
    const names = await readdir(searchParams.get('host') ?? '');
    expect(names.filter((name) => name.startsWith('.s.')).toSorted()).toEqual([
      `.s.PGSQL.${port}`,
      `.s.PGSQL.${port}.lock`,
    ]);
  });

  it('that ends by itself is noticed', async () => {
    let ended = 0;
    const server = await start(await directory(), { isTemporary: true, onUnexpectedExit: () => (ended += 1) });
    process.kill(server.pid, 'SIGKILL');
    await eventually('the end of the server was noticed', () => ended === 1);
  });
});

describe('a data directory', () => {
  it('of a whole database in which a part is missing or rubbish is refused and never begun anew', async () => {
    const where = await directory();
    const lost = join(await directory(), 'lost');
    await (await startTemporary(where)).close();
    for (const [part, left] of [
      ['cluster/data/global/pg_control', null],
      ['cluster/data/global/pg_control', 'rubbish'],
      ['cluster/data', null],
      ['server.json', null],
      ['server.json', 'rubbish'],
    ] as const) {
      const path = join(where, part);
      await rename(path, lost);
      // The server runs as another user, who reads its own part only where everybody may.
      if (left !== null) await writeFile(path, left, { mode: part === 'server.json' ? 0o600 : 0o644 });
      const before = await readdir(where);
      await expect(start(where), `${part} ${left ?? 'missing'}`).rejects.toMatchObject({ code: 'DATABASE_DAMAGED' });
      expect(await readdir(where)).toEqual(before);
      await rm(path, { force: true });
      await rename(lost, path);
    }
    await (await start(where)).close();
  });

  it('whose initialisation was killed is initialised again', async () => {
    const where = await directory();
    await (await startTemporary(where)).close();
    await rename(join(where, 'cluster/data'), join(where, 'cluster/data.new'));
    await rm(join(where, 'server.json'));
    const { url } = await startTemporary(where);
    expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('that cannot be made is an error with a remedy', async () => {
    const where = await directory();
    await writeFile(join(where, 'file'), '');
    await expect(start(join(where, 'file/below'))).rejects.toMatchObject({ code: 'DATA_DIRECTORY_UNUSABLE' });
  });
});
