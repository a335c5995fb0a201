import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../controlplane/store/database.ts';
import { setGroup } from '../../../controlplane/store/settings/groups.ts';
import type { ClaimedTask } from '../../../controlplane/store/tasks/queue.ts';
import { useTestDatabases, type TestDatabase } from '../../kit/database/database.ts';
import { addBasic, claim } from '../../kit/database/store.ts';

const databases = useTestDatabases();

/** Returns the texts that the pool's one connection has prepared. */
async function preparedOn({ db }: TestDatabase): Promise<string[]> {
  const { rows } = await sql<{ statement: string }>`SELECT statement FROM pg_prepared_statements`.execute(db);
  return rows.map(({ statement }) => statement);
}

/** Claims in both ways: a new task in a transaction of its group, and a started task that is due again. */
async function claimBoth({ db }: TestDatabase): Promise<ClaimedTask[]> {
  await addBasic(db);
  const [added] = await claim(db);
  await sql`UPDATE task SET status = 1, wake_at = now() WHERE id = ${added?.id}`.execute(db);
  const [due] = await claim(db);
  return [added!, due!];
}

describe('a statement that is asked again and again', () => {
  it('is prepared from its third time on, and one that is rare is not', async () => {
    const test = await databases.fresh(1);
    const ask = (n: number) => sql<{ n: number }>`SELECT ${n}::integer AS n /* again */`.execute(test.db);
    await ask(1);
    await ask(2);
    expect((await preparedOn(test)).join()).not.toContain('again');
    expect((await ask(3)).rows).toEqual([{ n: 3 }]);
    expect((await ask(4)).rows).toEqual([{ n: 4 }]);
    expect((await preparedOn(test)).filter((text) => text.includes('again'))).toHaveLength(1);
  });

  it('is prepared though hundreds of texts have come that never came again', async () => {
    const test = await databases.fresh(1);
    for (let n = 0; n < 400; n += 1) await sql`SELECT 1 AS ${sql.ref(`once${n}`)}`.execute(test.db);
    for (let n = 0; n < 3; n += 1) await sql`SELECT ${n}::integer /* afterwards */`.execute(test.db);
    expect((await preparedOn(test)).join()).toContain('afterwards');
  });

  it('is prepared though another pool has been asked more of them than are ever prepared', async () => {
    const [other, test] = [await databases.fresh(1), await databases.fresh(1)];
    for (let n = 0; n < 310; n += 1) {
      for (let use = 0; use < 3; use += 1)
        await sql`SELECT ${use}::integer AS ${sql.ref(`often${n}`)}`.execute(other.db);
    }
    for (let n = 0; n < 3; n += 1) await sql`SELECT ${n}::integer /* of a pool */`.execute(test.db);
    expect((await preparedOn(test)).join()).toContain('of a pool');
  });

  it('is planned anew when a migration has added a column that it returns', async () => {
    const test = await databases.fresh(1);
    await setGroup(test.db, { name: 'Basic', maxRunning: 100 });
    for (let count = 0; count < 4; count += 1) await claimBoth(test);
    await sql`ALTER TABLE task ADD COLUMN room text DEFAULT 'attic'`.execute(test.db);
    expect(await claimBoth(test)).toMatchObject([{ room: 'attic' }, { room: 'attic' }]);
  });

  it('may be several commands, as a migration is', async () => {
    const { db } = await databases.fresh(1);
    for (let count = 0; count < 4; count += 1) {
      await sql`CREATE TEMPORARY TABLE room (name text); DROP TABLE room;`.execute(db);
    }
  });

  it('fails as it did before when the fault is its own', async () => {
    const test = await databases.fresh(1);
    const divide = (by: number) => sql`SELECT 1 / ${by}::integer AS share`.execute(test.db);
    for (const by of [1, 1, 1]) await divide(by);
    await expect(divide(0)).rejects.toMatchObject({ code: '22012' });
    expect((await divide(1)).rows).toEqual([{ share: 1 }]);
  });
});

describe('a pool that plans once', () => {
  it('keeps the plan of the first use, which another makes anew for each of its first five', async () => {
    const { url } = await databases.fresh();
    const plansOf = async (plansOnce: boolean): Promise<unknown> => {
      const { db, close } = openDatabase(url, { poolSize: 1, plansOnce });
      for (let n = 0; n < 4; n += 1) await sql`SELECT /* planned */ ${n}::integer`.execute(db);
      const { rows } = await sql`
        SELECT generic_plans::integer AS kept, custom_plans::integer AS anew FROM pg_prepared_statements
        WHERE statement LIKE '%planned%'`.execute(db);
      await close();
      return rows;
    };
    // The third use is the first that is prepared.
    expect(await plansOf(true)).toEqual([{ kept: 2, anew: 0 }]);
    expect(await plansOf(false)).toEqual([{ kept: 0, anew: 2 }]);
  });
});
