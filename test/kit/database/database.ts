import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { openDatabase, type Database } from '../../../controlplane/store/database.ts';
import { findServer, makeDatabase, makeTemplate } from './database-server.ts';
import { readPristine, reuseDatabase, type PristineDatabase } from './reused-database.ts';

export interface TestDatabase extends Database {
  readonly url: string;
}

export interface TestDatabases {
  /** Makes a migrated database that no other test uses. */
  fresh(poolSize?: number): Promise<TestDatabase>;
  /** Closes a database that its test needs no more. Another test may get it, emptied and by another name. */
  leave(database: TestDatabase): Promise<void>;
  close(): Promise<void>;
}

interface Kept {
  /** Names of databases that tests have left. */
  readonly left: string[];
  pristine?: PristineDatabase;
}

/** By server: one that is there for all files keeps what the tests of a file have left for the next file. */
const keptOn = new Map<string, Kept>();

/** Makes databases on the server of this test file. */
export async function startTestDatabases(): Promise<TestDatabases> {
  const server = await findServer();
  // Unique, because several files and runs may share the server.
  const prefix = `wip_test_${randomBytes(4).toString('hex')}`;
  const names = new Set<string>();
  const template = server.template ?? (await makeTemplate(server.url, prefix));
  if (!server.template) names.add(template);
  const opened = new Map<TestDatabase, string>();
  const kept: Kept = keptOn.get(server.url) ?? { left: [] };
  if (server.template) keptOn.set(server.url, kept);
  let made = 0;

  /** Returns the address of a database that a test has left, emptied; undefined: there is none. */
  async function reuse(name: string): Promise<string | undefined> {
    const old = kept.left.pop();
    if (old === undefined || !kept.pristine?.isReusable) return undefined;
    const reused = await reuseDatabase(server.url, old, name, kept.pristine);
    if (reused.kind !== 'in-use') names.delete(old);
    return reused.kind === 'ready' ? reused.url : undefined;
  }

  return {
    async fresh(poolSize = 16) {
      const name = `${prefix}_${(made += 1)}`;
      const url = (await reuse(name)) ?? (await makeDatabase(server.url, name, template));
      names.add(name);
      kept.pristine ??= await readPristine(url);
      const { db, close } = openDatabase(url, { poolSize });
      const database = {
        url,
        db,
        close: async () => void (opened.delete(database) && (await close())),
      };
      opened.set(database, name);
      return database;
    },
    async leave(database) {
      const name = opened.get(database);
      await database.close();
      if (name !== undefined) kept.left.push(name);
    },
    async close() {
      await Promise.all([...opened.keys()].map((database) => database.close()));
      const isKept = (name: string): boolean => server.template !== undefined && kept.left.includes(name);
      await server.close([...names].filter((name) => !isKept(name)));
    },
  };
}

/** Makes databases for a test file: the server lives as long as the file, each database as long as its test. */
export function useTestDatabases(): { fresh(poolSize?: number): Promise<TestDatabase> } {
  let databases: TestDatabases | undefined;
  beforeAll(async () => {
    databases = await startTestDatabases();
  });
  afterAll(async () => {
    await databases?.close();
  });
  return {
    async fresh(poolSize) {
      const database = await databases!.fresh(poolSize);
      onTestFinished(() => databases!.leave(database));
      return database;
    },
  };
}
