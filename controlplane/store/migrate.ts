import { sql, type Kysely, type Transaction } from 'kysely';
import { OperationalError } from '../../shared/model/error.ts';
import { MIGRATIONS, type SchemaMigration } from './migrations/all.ts';
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
  const done = new Set(await migrationsDone(tx));
  refuseNewerSchema(done, migrations);
  const missing = migrations.filter((migration) => !done.has(migration.number));
  for (const migration of missing) {
    await sql.raw(migration.sql).execute(tx);
    await sql`INSERT INTO migration (number, name) VALUES (${migration.number}, ${migration.name})`.execute(tx);
  }
  return missing.map((migration) => migration.number);
}

/** The numbers of the migrations that the database has seen. */
export async function migrationsDone(db: Kysely<Schema>): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`SELECT number FROM migration ORDER BY number`.execute(db);
  return rows.map((row) => row.number);
}

/** Refuses a newer schema: an older program would write rows that the newer one does not expect. */
function refuseNewerSchema(done: ReadonlySet<number>, known: readonly SchemaMigration[]): void {
  const unknown = [...done].filter((number) => !known.some((migration) => migration.number === number));
  if (unknown.length === 0) return;
  throw new OperationalError('DATABASE_NEWER', {
    happened: `The database has migration ${Math.max(...unknown)} and this version of Wip ends at ${known.at(-1)?.number ?? 0}`,
    remedy: 'Start the newer version of Wip that made it, or give this one a database of its own',
  });
}
