import { sql, type Kysely } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { createHealthService } from '../../../controlplane/api/health/health-service.ts';
import { DatabaseOutage } from '../../../controlplane/store/database-outage.ts';
import { openDatabase } from '../../../controlplane/store/database.ts';
import { isDatabaseTrouble } from '../../../controlplane/store/database-trouble.ts';
import type { Schema } from '../../../controlplane/store/schema.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { createLogger } from '../../../shared/system/logger.ts';
import { useTestDatabases } from '../../kit/database/database.ts';

const databases = useTestDatabases();

/** Holds the tasks until the test has ended, so that no other statement about them is answered. */
async function holdTasks(db: Kysely<Schema>): Promise<void> {
  const [held, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = db.transaction().execute(async (tx) => {
    await sql`LOCK TABLE task IN ACCESS EXCLUSIVE MODE`.execute(tx);
    held.resolve();
    await over.promise;
  });
  onTestFinished(async () => {
    over.resolve();
    await holding;
  });
  await held.promise;
}

const countTasks = (db: Kysely<Schema>): Promise<unknown> => sql`SELECT count(*) FROM task`.execute(db);

it('a statement that the database does not answer fails as in an outage, in a transaction too, and the next one goes on', async () => {
  const { db: holder, url } = await databases.fresh();
  const { db, close } = openDatabase(url, { poolSize: 1, limitMs: 2_000 });
  onTestFinished(close);
  await holdTasks(holder);
  const error: unknown = await countTasks(db).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain('the database has not answered for 2 s');
  expect(isDatabaseTrouble(error)).toBe(true);
  const inTransaction = db.transaction().execute(countTasks);
  expect(isDatabaseTrouble(await inTransaction.catch((thrown: unknown) => thrown))).toBe(true);
  expect((await sql<{ one: number }>`SELECT 1 AS one`.execute(db)).rows).toEqual([{ one: 1 }]);
});

it('a statement of a request that waits for a lock is no outage of the node, and one of its own is', async () => {
  const { db: holder, url } = await databases.fresh();
  const { db, close } = openDatabase(url, { poolSize: 1, limitMs: 1_000 });
  onTestFinished(close);
  await holdTasks(holder);
  const error: unknown = await countTasks(db).catch((thrown: unknown) => thrown);
  const outage = new DatabaseOutage(createLogger('test', 'silent'), systemClock);
  expect([outage.noteRequest(error), outage.words()]).toEqual(['the database has not answered for 1 s', null]);
  expect([outage.note(error, 'a claim'), outage.words()?.reason]).toEqual([true, 'the database cannot be reached']);
});

it('a node whose database hangs is not ready, and says so though the database does not answer', async () => {
  const { db } = await databases.fresh();
  await holdTasks(db);
  const clock = { ...systemClock, sleep: () => Promise.resolve() };
  const none = { isEnding: () => false, whyEngineNotReady: () => null, directory: null };
  const health = createHealthService({ db, clock, version: '1', ...none });
  expect(await health.findReadiness()).toEqual({
    reasons: ['the database has not answered within 2 s'],
    launches: [],
  });
});
