import { sql } from 'kysely';
import { expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../../controlplane/config.ts';
import { createClosers } from '../../../controlplane/node/closers.ts';
import { openNodeDatabase } from '../../../controlplane/node/node-database.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { createLogger } from '../../../shared/system/logger.ts';
import { useTestDatabases } from '../../kit/database/database.ts';

const databases = useTestDatabases();

it.each([4, 16])('a request is answered while steps hold all their connections, of %i', async (database_pool) => {
  const { url } = await databases.fresh();
  const closers = createClosers();
  onTestFinished(() => closers.closeAll());
  const { db, requestDb } = await openNodeDatabase(
    {
      config: loadConfig({ environment: {}, given: { mode: 'development', database_url: url, database_pool } }),
      clock: systemClock,
      log: createLogger('test', 'silent'),
      onPoolWait: () => undefined,
    },
    closers,
  );
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const steps = Array.from({ length: database_pool }, () =>
    db.transaction().execute(async (tx) => {
      await sql`SELECT 1`.execute(tx);
      begun += 1;
      await gate.promise;
    }),
  );
  const { rows } = await sql<{ one: number }>`SELECT 1 AS one`.execute(requestDb);
  expect(rows).toEqual([{ one: 1 }]);
  expect(begun).toBeLessThan(database_pool);
  gate.resolve();
  await Promise.all(steps);
});
