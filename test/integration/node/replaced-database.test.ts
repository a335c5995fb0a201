import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../../controlplane/config.ts';
import { MasterKeys } from '../../../controlplane/keys/master-keys.ts';
import { createClosers } from '../../../controlplane/node/closers.ts';
import { joinInstallation } from '../../../controlplane/node/join-installation.ts';
import { openNodeDatabase, type NodeDatabase } from '../../../controlplane/node/node-database.ts';
import { keepNodeAlive } from '../../../controlplane/node/node-presence.ts';
import { databaseTrouble } from '../../../controlplane/store/database-trouble.ts';
import { openDatabase } from '../../../controlplane/store/database.ts';
import { migrate } from '../../../controlplane/store/migrate.ts';
import { noteCopiedDatabase } from '../../../controlplane/store/operation/copied-database.ts';
import { liveNodes } from '../../../controlplane/store/settings/nodes.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { createLogger } from '../../../shared/system/logger.ts';
import { administer, makeDatabase } from '../../kit/database/database-server.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { dropEverything } from '../../kit/database/dump.ts';

const databases = useTestDatabases();
const log = createLogger('test', 'silent');
const KEY = randomBytes(32);

/** A database under a name of its own, the server of it, and a node that has joined it. */
async function joined() {
  const { url: own } = await databases.fresh(1);
  const server = Object.assign(new URL(own), { pathname: '/postgres' }).href;
  const name = `wip_replaced_${randomBytes(4).toString('hex')}`;
  const url = await makeDatabase(server, name, null);
  const closers = createClosers();
  onTestFinished(async () => {
    await closers.closeAll();
    await administer(server, [`DROP DATABASE ${name} WITH (FORCE)`, `DROP DATABASE IF EXISTS ${name}_copy`]);
  });
  const fatal: string[] = [];
  const config = loadConfig({ environment: {}, given: { mode: 'development', database_url: url, database_pool: 4 } });
  const database = await openNodeDatabase(
    { config, clock: systemClock, log, onPoolWait: () => undefined, onFatal: (why) => void fatal.push(why) },
    closers,
  );
  const { presence } = await joinInstallation({
    ...{ ...database, name: 'n', version: '1', keys: new MasterKeys(KEY, []), sealedOptions: [], classes: [] },
    ...{ clock: systemClock, log },
  });
  return { server, name, url, database, presence, fatal };
}

/** Asks until the connections that were open have ended, and returns the trouble; null: the database answered. */
async function troubleOf({ db }: Pick<NodeDatabase, 'db'>): Promise<string | null> {
  const asked = await sql`SELECT count(*) FROM task`.execute(db).catch((error: unknown) => error);
  return databaseTrouble(asked) === 'away' ? troubleOf({ db }) : databaseTrouble(asked);
}

async function change(url: string, work: (db: NodeDatabase['db']) => Promise<unknown>): Promise<void> {
  const { db, close } = openDatabase(url, { poolSize: 1 });
  await work(db);
  await close();
}

it('a node whose database was restored from a copy under its name sends no statement to it, and ends', async () => {
  const { server, name, database, fatal } = await joined();
  await administer(server, [
    `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
    `CREATE DATABASE ${name}_copy TEMPLATE ${name}`,
    `DROP DATABASE ${name} WITH (FORCE)`,
    `ALTER DATABASE ${name}_copy RENAME TO ${name}`,
  ]);
  expect(await troubleOf(database)).toBe('replaced');
  expect(await troubleOf(database)).toBe('replaced');
  expect(fatal).toEqual(['the database was replaced: it is a copy of the one that this node works with now']);
});

it('a node whose database was emptied says that the tables are gone, and a request to it is worth repeating', async () => {
  const { url, database, fatal } = await joined();
  await change(url, dropEverything);
  expect(await troubleOf(database)).toBe('no-schema');
  const error: unknown = await sql`SELECT FROM task`.execute(database.requestDb).catch((thrown: unknown) => thrown);
  expect(database.outage.noteRequest(error)).toBe('the database lacks tables of Wip');
  expect(fatal).toEqual([]);
});

it('a node does not work in the tables of another installation that came in place of its own', async () => {
  const { url, database, presence, fatal } = await joined();
  await change(url, async (db) => {
    await dropEverything(db);
    expect(await troubleOf(database)).toBe('no-schema');
    await migrate(db);
    await noteCopiedDatabase(db, new Date());
  });
  expect(await troubleOf(database)).toBe('replaced');
  const stop = new AbortController();
  const clock = { ...systemClock, sleep: () => Promise.resolve(stop.abort()) };
  await keepNodeAlive(
    { ...presence, ...{ onCount: () => undefined, clock, log, outage: database.outage } },
    stop.signal,
  );
  await change(url, async (db) => expect(await liveNodes(db, 60)).toEqual([]));
  expect(fatal).toEqual(['the database was replaced: it is that of another installation now']);
});
