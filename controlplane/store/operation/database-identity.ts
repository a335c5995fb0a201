import { z } from 'zod';

/**
 * What tells a database from its copies. initdb gives each server a number, and each database has its own on a server: what pg_dump
 * and pg_restore, CREATE DATABASE … TEMPLATE or a logical replica made differs in one of them. A copy of the server's files, such
 * as a snapshot or a standby, does not differ.
 */
export const DatabaseIdentity = z.object({
  /** Null where this user may not read it. */
  server: z.string().nullable(),
  database: z.string(),
});
export type DatabaseIdentity = z.infer<typeof DatabaseIdentity>;

/** Sends a text without values. The identity is read on new connections too, before they belong to a pool. */
export type AskRows = (text: string) => Promise<readonly unknown[]>;

const DATABASE_NUMBER = `
  SELECT oid::text AS database, has_function_privilege('pg_control_system()', 'EXECUTE') AS allowed
  FROM pg_database WHERE datname = current_database()`;
const SERVER_NUMBER = 'SELECT system_identifier::text AS server FROM pg_control_system()';

export async function readIdentity(ask: AskRows): Promise<DatabaseIdentity> {
  const [numbers] = await ask(DATABASE_NUMBER);
  const { database, allowed } = z.object({ database: z.string(), allowed: z.boolean() }).parse(numbers);
  if (!allowed) return { server: null, database };
  const [control] = await ask(SERVER_NUMBER);
  return { server: z.object({ server: z.string() }).parse(control).server, database };
}

export function isSameDatabase(before: DatabaseIdentity, now: DatabaseIdentity): boolean {
  const isSameServer = before.server === null || now.server === null || before.server === now.server;
  return isSameServer && before.database === now.database;
}
