import { sql } from 'kysely';
import { dumpDatabase } from '../../../controlplane/store/backup/dump-database.ts';
import { DUMPED_TABLES } from '../../../controlplane/store/backup/dumped-tables.ts';
import type { Db } from '../../../controlplane/store/schema.ts';

/** Returns the lines of a dump, without line breaks. */
export async function dumpLines(db: Db, onPiece: () => Promise<void> = () => Promise.resolve()): Promise<string[]> {
  let text = '';
  await dumpDatabase(db, { version: '1.0.0', at: new Date('2026-01-01T00:00:00Z') }, async (piece) => {
    text += piece;
    await onPiece();
  });
  return text.trimEnd().split('\n');
}

export async function* linesFrom(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

/** Returns every row of every table that a dump holds, in the form in which PostgreSQL prints it. */
export async function contentOf(db: Db): Promise<Record<string, string[]>> {
  const content: Record<string, string[]> = {};
  for (const { name, order } of DUMPED_TABLES) {
    const { rows } = await sql<{ line: string }>`
      SELECT one::text AS line FROM ${sql.table(name)} one ORDER BY ${sql.raw(order)}`.execute(db);
    content[name] = rows.map(({ line }) => line);
  }
  return content;
}

export async function dropEverything(db: Db): Promise<void> {
  await sql`DROP SCHEMA public CASCADE`.execute(db);
  await sql`CREATE SCHEMA public`.execute(db);
}
