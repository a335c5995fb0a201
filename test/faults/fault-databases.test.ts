import type { Socket } from 'node:net';
import { sql } from 'kysely';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Db } from '../../controlplane/store/schema.ts';
import { addBasic } from '../kit/database/store.ts';
import { useTestDatabases } from '../kit/database/database.ts';
import { startConnectionKeeper } from './connection-keeper.ts';
import { createKeptDatabases } from './fault-databases.ts';

const databases = useTestDatabases();

async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return rows[0]!.pid;
}

/** Starts a keeper before a database of the test's own. */
async function startKept() {
  const { url, db } = await databases.fresh();
  await sql`CREATE TABLE mark (text text)`.execute(db);
  const keeper = await startConnectionKeeper(url);
  onTestFinished(() => keeper.close());
  const database = new URL(url).pathname.slice(1);
  return {
    db,
    settled: () => keeper.settled(database),
    marks: async () => (await sql<{ text: string }>`SELECT text FROM mark`.execute(db)).rows.map(({ text }) => text),
    async connect(): Promise<pg.Client> {
      const client = new pg.Client({ host: '127.0.0.1', port: keeper.port, user: 'any', database });
      client.on('error', () => undefined);
      await client.connect();
      return client;
    },
  };
}

/** Cuts a client off like a node without power. */
function vanish(client: pg.Client): void {
  (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
}

describe('a kept connection', () => {
  it('goes to the next client without a trace of the one that vanished in a transaction', async () => {
    const { connect, settled, marks } = await startKept();
    const first = await connect();
    const pid = await pidOf(first);
    await first.query(`SET statement_timeout = 12345`);
    await first.query({ name: 'again', text: 'SELECT 1' });
    await first.query('LISTEN news');
    await first.query('BEGIN');
    await first.query(`INSERT INTO mark VALUES ('open')`);
    vanish(first);
    await first.end().catch(() => undefined);
    await settled();
    const second = await connect();
    expect(await pidOf(second)).toBe(pid);
    expect((await second.query('SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '0' }]);
    expect((await second.query('SELECT FROM pg_prepared_statements')).rowCount).toBe(0);
    expect((await second.query('SELECT FROM pg_listening_channels()')).rowCount).toBe(0);
    expect(await marks()).toEqual([]);
    await second.end();
  });

  it('lets a statement that was under way when its client vanished come to its end, as the server does', async () => {
    const { db, connect, settled, marks } = await startKept();
    const held = await connect();
    await held.query('SELECT pg_advisory_lock(1)');
    const client = await connect();
    const unanswered = client.query(`INSERT INTO mark SELECT 'done' FROM pg_advisory_lock($1)`, [1]);
    unanswered.catch(() => undefined);
    const waiting = async (): Promise<number> =>
      (await sql`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`.execute(db)).rows.length;
    await expect.poll(waiting).toBe(1);
    vanish(client);
    await held.end();
    await expect.poll(marks).toEqual(['done']);
    await settled();
  });
});

describe('the database of the next schedule', () => {
  const contents = async (db: Db): Promise<Record<string, unknown>> => {
    const { rows } = await sql<{ name: string }>`
      SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema()`.execute(db);
    const all: Record<string, unknown> = {};
    for (const { name } of rows) all[name] = (await sql`SELECT * FROM ${sql.raw(name)}`.execute(db)).rows;
    return all;
  };

  it('holds what a new one holds, and is another one when something was planted', async () => {
    const { url } = await databases.fresh();
    const kept = await createKeptDatabases(url, { originMs: Date.now(), speed: 10 });
    try {
      const first = await kept.fresh();
      const before = await contents(first.db);
      expect(Object.keys(before)).toContain('violation');
      await addBasic(first.db);
      await sql`INSERT INTO setting (name, value) VALUES ('pause', '"hard"')`.execute(first.db);
      await sql`INSERT INTO violation VALUES ('I1', 'seen')`.execute(first.db);
      await first.drop();
      const second = await kept.fresh();
      expect(second.url).toBe(first.url);
      expect(await contents(second.db)).toEqual(before);
      await second.plant('CREATE TABLE planted ()');
      await second.drop();
      const third = await kept.fresh();
      expect(third.url).not.toBe(first.url);
      await third.drop();
    } finally {
      await kept.close();
    }
  });
});
