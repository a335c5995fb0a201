import { sql, type Kysely, type Transaction } from 'kysely';
import { OperationalError } from '../../shared/model/error.ts';
import { MIGRATIONS, SERVES_FROM, type SchemaMigration } from './migrations/all.ts';
import type { Schema } from './schema.ts';

// Any number that nobody else uses as an advisory lock in this database: "wip" in ASCII.
const MIGRATION_LOCK = 0x776970;

/** Brings the schema to this version; nodes that start together wait for the first. Returns the numbers it ran. */
export async function migrate(
  db: Kysely<Schema>,
  migrations: readonly SchemaMigration[] = MIGRATIONS,
): Promise<number[]> {
  return db.transaction().execute((tx) => migrateWithin(tx, migrations));
}

/** Migrates within a transaction, which holds off other nodes until it ends. */
export async function migrateWithin(
  tx: Transaction<Schema>,
  migrations: readonly SchemaMigration[] = MIGRATIONS,
): Promise<number[]> {
  await sql`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(tx);
  await sql`CREATE TABLE IF NOT EXISTS migration (
    number integer PRIMARY KEY, name text NOT NULL, run_at timestamptz NOT NULL DEFAULT now())`.execute(tx);
  await addServesFrom(tx);
  await refuseNewerSchema(tx, migrations);
  const done = new Set(await migrationsDone(tx));
  const missing = migrations.filter((migration) => !done.has(migration.number));
  for (const migration of missing) {
    await sql.raw(migration.sql).execute(tx);
    await sql`INSERT INTO migration (number, name, serves_from)
      VALUES (${migration.number}, ${migration.name}, ${migration.servesFrom ?? SERVES_FROM})`.execute(tx);
  }
  return missing.map((migration) => migration.number);
}

/** Adds the column once: an ALTER TABLE waits for every reader of the table, and a dump is a long one. */
async function addServesFrom(tx: Transaction<Schema>): Promise<void> {
  const { rows } = await sql`SELECT FROM pg_attribute
    WHERE attrelid = 'migration'::regclass AND attname = 'serves_from' AND NOT attisdropped`.execute(tx);
  if (rows.length === 0) await sql`ALTER TABLE migration ADD COLUMN serves_from integer`.execute(tx);
}

/** The numbers of the migrations that the database has seen. */
export async function migrationsDone(db: Kysely<Schema>): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`SELECT number FROM migration ORDER BY number`.execute(db);
  return rows.map((row) => row.number);
}

/**
 * Refuses a newer schema, unless every migration that this program does not know serves nodes of its schema. So a node of the
 * version before can be restarted during an upgrade, or after a rollback. A still older node would write rows that newer nodes do
 * not expect.
 */
async function refuseNewerSchema(db: Kysely<Schema>, known: readonly SchemaMigration[]): Promise<void> {
  const { rows } = await sql<{ number: number; servesFrom: number | null }>`
    SELECT number, serves_from FROM migration ORDER BY number DESC`.execute(db);
  const own = known.at(-1)?.number ?? 0;
  const unknown = rows.filter(({ number }) => !known.some((migration) => migration.number === number));
  if (unknown.every(({ servesFrom }) => servesFrom !== null && servesFrom <= own)) return;
  throw new OperationalError('DATABASE_NEWER', {
    happened: `The database has migration ${unknown[0]?.number} and this version of Wip ends at ${own}`,
    remedy: 'Start the newer version of Wip that made it, or give this one a database of its own',
  });
}
