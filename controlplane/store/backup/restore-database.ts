import { sql, type Kysely, type Transaction } from 'kysely';
import { OperationalError } from '../../../shared/model/error.ts';
import { isDatabaseTrouble } from '../database-trouble.ts';
import { migrateWithin } from '../migrate.ts';
import { SCHEMA_NUMBER } from '../migrations/all.ts';
import { adoptDatabase } from '../operation/copied-database.ts';
import { markRestored } from '../operation/restored.ts';
import type { Schema } from '../schema.ts';
import { damagedBy, damagedDump, parseMark, type DumpHeader } from './dump-format.ts';
import { DUMPED_TABLES } from './dumped-tables.ts';
import { insertRowTexts, writePlainly } from './row-text.ts';
import { setSequences } from './sequences.ts';

export interface RestoreSummary extends DumpHeader {
  readonly rows: number;
}

// Large enough to make round trips negligible, and small compared with a server's work_mem of 64 MB. A batch has at least one
// row.
const BATCH_CHARACTERS = 1_000_000;

/**
 * Fills an empty database from a dump, in one transaction. Until an operator confirms the restore, unowned containers are only
 * reported and not stopped (restored.ts).
 */
export async function restoreDatabase(
  db: Kysely<Schema>,
  lines: AsyncIterable<string>,
  at: Date,
): Promise<RestoreSummary> {
  return db.transaction().execute(async (tx) => {
    const reader = lines[Symbol.asyncIterator]();
    const header = await readHeader(reader);
    await migrateWithin(tx);
    await refuseUsed(tx);
    await writePlainly(tx);
    await sql`DELETE FROM setting`.execute(tx);
    let rows = 0;
    for (const { name } of DUMPED_TABLES) rows += await restoreTable(tx, name, reader);
    const end = await readLine(reader);
    const mark = end === null ? null : parseMark(end);
    if (mark?.mark !== 'end' || (await readLine(reader)) !== null) throw damagedDump('it does not end where it should');
    await setSequences(tx, mark.sequences);
    await markRestored(tx, { at: at.toISOString(), dumpedAt: header.at });
    await adoptDatabase(tx);
    return { ...header, rows };
  });
}

type Lines = AsyncIterator<string, unknown>;

/** Reads a line. An error of the file or of its decompression is reported as damage of the dump. */
async function readLine(lines: Lines): Promise<string | null> {
  const next = await lines.next().catch((error: unknown) => {
    throw damagedBy(error);
  });
  return next.done ? null : next.value;
}

async function readHeader(lines: Lines): Promise<DumpHeader> {
  const first = await readLine(lines);
  const header = first === null ? null : parseMark(first);
  if (header?.mark !== 'wip-dump') throw damagedDump('it does not begin like a dump');
  if (header.migration === SCHEMA_NUMBER) return header;
  throw new OperationalError('DUMP_UNUSABLE', {
    happened: `The dump was made at migration ${header.migration}, by Wip ${header.wip}, and this version is at ${SCHEMA_NUMBER}; nothing was written`,
    remedy: 'Restore it with the version that made it, then upgrade',
  });
}

/** Refuses a database with any content besides the installation id, which the migration creates: a node has used it. */
async function refuseUsed(tx: Transaction<Schema>): Promise<void> {
  for (const { name } of DUMPED_TABLES) {
    const isOwn = name === 'setting' ? sql`name = 'installationId'` : sql`false`;
    const { rows } = await sql`SELECT 1 FROM ${sql.table(name)} WHERE NOT ${isOwn} LIMIT 1`.execute(tx);
    if (rows.length === 0) continue;
    throw new OperationalError('DATABASE_NOT_EMPTY', {
      happened: `The database is in use: its table ${name} has rows; nothing was written`,
      remedy: 'Restore into an empty database, or with --data into a new directory, and stop the nodes on the old one',
    });
  }
}

async function restoreTable(tx: Transaction<Schema>, name: string, lines: Lines): Promise<number> {
  let count = 0;
  for (;;) {
    const { rows, end } = await readBatch(lines);
    if (rows.length > 0) await insertRows(tx, name, rows);
    count += rows.length;
    if (end === undefined) continue;
    const mark = end === null ? null : parseMark(end);
    if (mark?.mark === 'table' && mark.name === name && mark.rows === count) return count;
    throw damagedDump(`${count} rows of the table ${name} are followed by an unexpected line`);
  }
}

/** Returns rows up to the bound, or up to the next line that is not a row; `end` is that line, and null at the end of the dump. */
async function readBatch(lines: Lines): Promise<{ rows: string[]; end?: string | null }> {
  const rows: string[] = [];
  for (let characters = 0; characters < BATCH_CHARACTERS;) {
    const line = await readLine(lines);
    if (line === null || line.startsWith('#')) return { rows, end: line };
    rows.push(line);
    characters += line.length;
  }
  return { rows };
}

async function insertRows(tx: Transaction<Schema>, name: string, rows: readonly string[]): Promise<void> {
  await insertRowTexts(tx, name, rows).catch((error: unknown) => {
    throw isDatabaseTrouble(error) ? error : damagedBy(error);
  });
}
