import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import { openDatabase, type Database } from '../../controlplane/store/database.ts';
import { findServer, makeDatabase, makeTemplate } from './database-server.ts';

export interface TestDatabase extends Database {
  readonly url: string;
}

export interface TestDatabases {
  /** Makes a migrated database that no other test uses. */
  fresh(poolSize?: number): Promise<TestDatabase>;
  close(): Promise<void>;
}

/** Makes databases on the server of this test file. */
export async function startTestDatabases(): Promise<TestDatabases> {
  const server = await findServer();
  // Unique, because several files and runs may share the server.
  const prefix = `wip_test_${randomBytes(4).toString('hex')}`;
  const names: string[] = [];
  const template = server.template ?? (await makeTemplate(server.url, prefix));
  if (!server.template) names.push(template);
  const opened = new Set<Database>();
  return {
    async fresh(poolSize = 16) {
      const name = `${prefix}_${names.length + 1}`;
      names.push(name);
      const url = await makeDatabase(server.url, name, template);
      const database = openDatabase(url, { poolSize });
      opened.add(database);
      return {
        url,
        db: database.db,
        async close() {
          if (opened.delete(database)) await database.close();
        },
      };
    },
    async close() {
      await Promise.all([...opened].map((database) => database.close()));
      await server.close(names);
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
      onTestFinished(() => database.close());
      return database;
    },
  };
}
