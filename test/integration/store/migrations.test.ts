import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../../controlplane/store/migrate.ts';
import { MIGRATIONS, SCHEMA_NUMBER, type SchemaMigration } from '../../../controlplane/store/migrations/all.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { saveStep } from '../../../controlplane/store/tasks/save-step.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { contentOf, dropEverything } from '../../kit/database/dump.ts';
import { breaksFor, readCatalog } from '../../kit/database/schema-catalog.ts';
import { claim, startedTask } from '../../kit/database/store.ts';

const databases = useTestDatabases();

/** Returns what one more migration would break for nodes of this version. */
async function breaksOf(db: Db, ddl: string): Promise<string[]> {
  const before = await readCatalog(db);
  const one: SchemaMigration = { number: SCHEMA_NUMBER + 1, name: 'planted', sql: ddl };
  await migrate(db, [...MIGRATIONS, one]);
  return breaksFor(before, await readCatalog(db));
}

describe('a migration', () => {
  it('leaves nodes of the version before all that they read and write', async () => {
    const { db } = await databases.fresh();
    await dropEverything(db);
    for (let count = 1; count < MIGRATIONS.length; count += 1) {
      await migrate(db, MIGRATIONS.slice(0, count));
      const before = await readCatalog(db);
      await migrate(db, MIGRATIONS.slice(0, count + 1));
      expect(breaksFor(before, await readCatalog(db)), MIGRATIONS[count]!.name).toEqual([]);
    }
  });

  it.each([
    ['drops a column', 'ALTER TABLE task DROP COLUMN title', 'task.title is gone'],
    ['drops a table', 'DROP TABLE audit', 'audit.actor is gone'],
    ['changes a type', 'ALTER TABLE task ALTER COLUMN attempts TYPE bigint', 'task.attempts became int8'],
    [
      'forbids nulls',
      'ALTER TABLE task ALTER COLUMN created_by SET NOT NULL',
      'task.created_by no longer takes a null',
    ],
    ['takes a default away', 'ALTER TABLE task ALTER COLUMN memory DROP DEFAULT', 'task.memory lost its default'],
    ['wants something new', 'ALTER TABLE task ADD COLUMN room text NOT NULL', 'task.room is new and must be given'],
    ['drops a function', 'DROP FUNCTION wip_begin_step(bigint, bigint)', 'wip_begin_step(bigint,bigint)'],
    ['lets less in', "ALTER TABLE task ADD CHECK (title <> '')", 'a new rule: task CHECK'],
    ['makes something unique', 'CREATE UNIQUE INDEX ON task (title)', 'a new rule: CREATE UNIQUE INDEX'],
  ])('that %s would be caught', async (_what, ddl, broken) => {
    const { db } = await databases.fresh();
    expect((await breaksOf(db, ddl)).join('\n')).toContain(broken);
  });

  it('that adds tables, columns with defaults and indexes is none of that, and tasks go on beside it', async () => {
    const { db } = await databases.fresh();
    const task = await startedTask(db);
    const before = await contentOf(db);
    const ddl = `CREATE TABLE room (name text PRIMARY KEY);
      ALTER TABLE task ADD COLUMN room text, ADD COLUMN doors integer NOT NULL DEFAULT 1;
      CREATE INDEX task_by_room ON task (room)`;
    expect(await breaksOf(db, ddl)).toEqual([]);
    expect((await contentOf(db))['setting']).toEqual(before['setting']);
    // Statements of this version run on the schema of the next one.
    expect(await saveStep(db, task, { next: { kind: 'yield' } })).toMatchObject({ kind: 'saved' });
    expect((await claim(db)).map(({ id }) => id)).toEqual([task.id]);
    const next = await startedTask(db);
    const { rows } = await sql`SELECT doors FROM task WHERE id = ${next.id}`.execute(db);
    expect(rows).toEqual([{ doors: 1 }]);
  });
});
