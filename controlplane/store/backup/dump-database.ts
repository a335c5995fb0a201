import { sql, type Kysely, type Transaction } from 'kysely';
import { OperationalError } from '../../../shared/model/error.ts';
import { migrationsDone } from '../migrate.ts';
import { SCHEMA_NUMBER } from '../migrations/all.ts';
import type { Schema } from '../schema.ts';
import { readInstallationId } from '../settings/settings.ts';
import { DUMP_FORMAT, markLine } from './dump-format.ts';
import { DUMPED_TABLES } from './dumped-tables.ts';
import { writePlainly } from './row-text.ts';
import { readSequences } from './sequences.ts';

// The largest row is a chunk of output (64 KiB, twice that in hexadecimal), so this many rows take 25 MB at most.
const ROWS_AT_ONCE = 200;

export interface DumpSummary {
  readonly tasks: number;
  readonly rows: number;
}

/**
 * Hands everything that belongs to the installation to `write`, piece by piece, as it was at one instant: one
 * repeatable-read transaction, beside which nodes go on working. Secrets stay sealed; tokens are there as hashes.
 */
export async function dumpDatabase(
  db: Kysely<Schema>,
  about: { readonly version: string; readonly at: Date },
  write: (text: string) => Promise<void>,
): Promise<DumpSummary> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      await writePlainly(tx);
      await write(await headerOf(tx, about));
      let rows = 0;
      let tasks = 0;
      for (const table of DUMPED_TABLES) {
        const count = await dumpTable(tx, table, write);
        rows += count;
        if (table.name === 'task') tasks = count;
      }
      await write(markLine({ mark: 'end', sequences: await readSequences(tx) }));
      return { tasks, rows };
    });
}

async function headerOf(tx: Transaction<Schema>, about: { version: string; at: Date }): Promise<string> {
  const { rows } = await sql<{ isOurs: boolean }>`SELECT to_regclass('migration') IS NOT NULL AS is_ours`.execute(tx);
  const migration = rows[0]?.isOurs ? Math.max(0, ...(await migrationsDone(tx))) : 0;
  if (migration !== SCHEMA_NUMBER) {
    throw new OperationalError('DUMP_UNUSABLE', {
      happened: `The database is at migration ${migration} and this version of Wip at ${SCHEMA_NUMBER}, so it was not dumped`,
      remedy: 'Use the version that the nodes run, or start a node of this one first',
    });
  }
  const installationId = await readInstallationId(tx);
  const at = about.at.toISOString();
  return markLine({ mark: 'wip-dump', format: DUMP_FORMAT, migration, installationId, wip: about.version, at });
}

async function dumpTable(
  tx: Transaction<Schema>,
  { name, order }: (typeof DUMPED_TABLES)[number],
  write: (text: string) => Promise<void>,
): Promise<number> {
  await sql`DECLARE dumped NO SCROLL CURSOR FOR
    SELECT to_json(one::text)::text AS line FROM ${sql.table(name)} one ORDER BY ${sql.raw(order)}`.execute(tx);
  let count = 0;
  for (;;) {
    const { rows } = await sql<{ line: string }>`FETCH ${sql.lit(ROWS_AT_ONCE)} FROM dumped`.execute(tx);
    if (rows.length === 0) break;
    // JSON escapes line breaks within rows, so each row is one line.
    await write(rows.map(({ line }) => `${line}\n`).join(''));
    count += rows.length;
  }
  await sql`CLOSE dumped`.execute(tx);
  await write(markLine({ mark: 'table', name, rows: count }));
  return count;
}
