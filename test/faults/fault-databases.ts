import { sql } from 'kysely';
import { openDatabase } from '../../controlplane/store/database.ts';
import { migrate } from '../../controlplane/store/migrate.ts';
import type { Db } from '../../controlplane/store/schema.ts';
import { startConnectionKeeper } from './connection-keeper.ts';
import { hurryDatabase, SEARCH_PATH, type HurriedTime } from '../testkit/system/hurried-time.ts';
import { WATCH_SQL } from './watch-sql.ts';

export interface FaultDatabase {
  readonly url: string;
  readonly db: Db;
  /** Runs statements that change the database itself. No other schedule gets it afterwards. */
  plant(statements: string): Promise<void>;
  drop(): Promise<void>;
}

/** Databases of schedules: migrated, in hurried time, watched, and as new. */
export interface FaultDatabases {
  fresh(): Promise<FaultDatabase>;
  close(): Promise<void>;
}

const TEMPLATE = 'faults';
const CONNECTIONS = 3;
const KEPT_SETTINGS = ` WHERE name <> 'installationId'`;

const urlOf = (server: string, name: string): string => Object.assign(new URL(server), { pathname: `/${name}` }).href;

async function makeTemplate(admin: Db, server: string, time: HurriedTime): Promise<void> {
  await createFrom('template1', TEMPLATE, admin);
  const template = openDatabase(urlOf(server, TEMPLATE), { poolSize: 1 });
  await hurryDatabase(template.db, time);
  await migrate(template.db);
  await sql.raw(WATCH_SQL).execute(template.db);
  await template.close();
}

/** Deletes the rows of a schedule. The rows of the migrations stay. */
async function empty(db: Db): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'migration'`.execute(
    db,
  );
  // As a replica, no trigger runs and the order of the tables does not matter.
  const deletes = rows.map(({ name }) => `DELETE FROM ${name}${name === 'setting' ? KEPT_SETTINGS : ''};`);
  await sql.raw(`BEGIN; SET LOCAL session_replication_role = replica; ${deletes.join(' ')} COMMIT`).execute(db);
}

async function createFrom(template: string, name: string, admin: Db): Promise<void> {
  await sql`CREATE DATABASE ${sql.raw(name)} TEMPLATE ${sql.raw(template)} STRATEGY FILE_COPY`.execute(admin);
  await sql`ALTER DATABASE ${sql.raw(name)} SET search_path TO ${sql.raw(SEARCH_PATH)}`.execute(admin);
}

/** Makes a database for each schedule, on connections of its own: for nodes that are processes. */
export async function createDatabases(server: string, time: HurriedTime): Promise<FaultDatabases> {
  const admin = openDatabase(server, { poolSize: 1 });
  await makeTemplate(admin.db, server, time);
  let made = 0;
  return {
    async fresh() {
      made += 1;
      const name = `schedule_${made}`;
      await createFrom(TEMPLATE, name, admin.db);
      const url = urlOf(server, name);
      const opened = openDatabase(url, { poolSize: CONNECTIONS });
      return {
        url,
        db: opened.db,
        plant: async (statements) => void (await sql.raw(statements).execute(opened.db)),
        async drop() {
          await opened.close();
          await sql`DROP DATABASE ${sql.raw(name)} WITH (FORCE)`.execute(admin.db);
        },
      };
    },
    close: () => admin.close(),
  };
}

/**
 * Makes as many databases as there are simultaneous schedules. Each is emptied for the next schedule, and its
 * connections are kept. A database and twenty connections of its own were two thirds of the cost of a small schedule.
 */
export async function createKeptDatabases(server: string, time: HurriedTime): Promise<FaultDatabases> {
  const admin = openDatabase(server, { poolSize: 1 });
  await makeTemplate(admin.db, server, time);
  const keeper = await startConnectionKeeper(server);
  const kept = Object.assign(new URL(server), { port: String(keeper.port), search: '' }).href;
  const free: string[] = [];
  let made = 0;
  const make = async (): Promise<string> => {
    made += 1;
    const name = `schedule_${made}`;
    await createFrom(TEMPLATE, name, admin.db);
    return name;
  };
  return {
    async fresh() {
      const name = free.pop() ?? (await make());
      const url = urlOf(kept, name);
      const opened = openDatabase(url, { poolSize: CONNECTIONS });
      let isAsMade = true;
      return {
        url,
        db: opened.db,
        async plant(statements) {
          isAsMade = false;
          await sql.raw(statements).execute(opened.db);
        },
        async drop() {
          await opened.close();
          await keeper.settled(name);
          if (!isAsMade) return;
          const again = openDatabase(url, { poolSize: 1 });
          await empty(again.db);
          await again.close();
          free.push(name);
        },
      };
    },
    async close() {
      await keeper.close();
      await admin.close();
    },
  };
}
