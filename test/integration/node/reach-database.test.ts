import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase } from '../../../controlplane/store/database.ts';
import { migrationsDone } from '../../../controlplane/store/migrate.ts';
import { MIGRATIONS } from '../../../controlplane/store/migrations/all.ts';
import { reachDatabase } from '../../../controlplane/node/node-database.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { createLogger } from '../../../shared/system/logger.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { dropEverything } from '../../kit/database/dump.ts';
import { ErrorAnswer } from '../../../controlplane/api/http/error-answer.ts';
import { eventually } from '../../kit/eventually.ts';
import { findFreePort } from '../../kit/network/free-port.ts';
import { createLimitedRole } from '../../kit/database/limited-role.ts';
import { Wire, type WireState } from '../../kit/network/wire.ts';

const databases = useTestDatabases();
const log = createLogger('test', 'silent');

/** Starts a node whose connection to an empty database is in this state. */
async function start(state: WireState, change: (url: URL) => void = () => undefined) {
  const database = await databases.fresh();
  await dropEverything(database.db);
  const { hostname, port } = new URL(database.url);
  const wire = await Wire.start(Number(port), hostname);
  await wire.set(state);
  const url = Object.assign(new URL(database.url), { hostname: '127.0.0.1', port: String(wire.port), search: '' });
  change(url);
  const opened = openDatabase(url.href, { poolSize: 2 });
  const stop = new AbortController();
  const config = { host: '127.0.0.1', port: await findFreePort(), allowed_hosts: '' };
  const reached = reachDatabase({ config, clock: systemClock, log, stop: stop.signal }, opened.db);
  reached.catch(() => undefined); // the tests await it below
  onTestFinished(async () => {
    stop.abort();
    await opened.close();
    await wire.close();
  });
  const ask = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${config.port}${path}`);
  return { database, wire, stop, reached, ask };
}

describe('a node whose database is not there when it starts', () => {
  it.each(['refused', 'reset'] as const)('waits for it (%s), says that it is not ready, and goes on', async (state) => {
    const { database, wire, reached, ask } = await start(state);
    const ready = await eventually('an answer', () => ask('/readyz').catch(() => null));
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ ready: false, reasons: ['the database cannot be reached'] });
    for (const path of ['/healthz', '/healthz?x=1']) {
      const alive = await ask(path);
      expect([alive.status, await alive.json()], path).toEqual([200, { alive: true }]);
    }
    expect(await (await ask('/readyz?x=1')).json()).toMatchObject({ ready: false });
    const tasks = await ask('/v1/tasks');
    expect([tasks.status, tasks.headers.get('retry-after')]).toEqual([503, '5']);
    expect(tasks.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(ErrorAnswer.parse(await tasks.json())).toMatchObject({ code: 'DATABASE_UNAVAILABLE', status: 503 });
    await wire.set('up');
    await reached;
    expect(await migrationsDone(database.db)).toHaveLength(MIGRATIONS.length);
    // The port is free for the node itself.
    await expect(ask('/readyz')).rejects.toThrow();
  });

  it('goes on when the connections that others have are free again', async () => {
    const database = await databases.fresh();
    await dropEverything(database.db);
    const role = await createLimitedRole(database);
    const opened = openDatabase(role.url, { poolSize: 2 });
    onTestFinished(() => opened.close());
    const config = { host: '127.0.0.1', port: await findFreePort(), allowed_hosts: '' };
    const reached = reachDatabase({ config, clock: systemClock, log }, opened.db);
    const ask = (): Promise<Response | null> => fetch(`http://127.0.0.1:${config.port}/readyz`).catch(() => null);
    const waits = await eventually('it waits', ask);
    expect([waits.status, await waits.json()]).toEqual([
      503,
      { ready: false, reasons: ['the database has no connection left for this node'] },
    ]);
    await role.setConnections(5);
    await reached;
  });

  it.each([
    ['a wrong password', (url: URL) => void (url.password = 'wrong'), 'password authentication failed'],
    ['a database that does not exist', (url: URL) => void (url.pathname = '/nothing'), 'does not exist'],
  ])('does not wait for what nobody will change: %s', async (_what, change, said) => {
    const { reached } = await start('up', change);
    await expect(reached).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining(said),
    });
  });

  it('ends when it is told to', async () => {
    const { stop, reached, ask } = await start('refused');
    await eventually('it waits', () => ask('/healthz').catch(() => null));
    stop.abort();
    await expect(reached).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    await expect(ask('/healthz')).rejects.toThrow();
  });
});
