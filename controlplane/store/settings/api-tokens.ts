import { sql, type Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import type { TokenRole } from '../schema/operation-tables.ts';

export interface ListedToken {
  readonly id: number;
  readonly name: string;
  readonly role: TokenRole;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
  readonly groups: readonly string[];
}

/** Adds a token. `tokenHash` is its hex SHA-256: the token itself is shown once and never stored. */
export async function addApiToken(
  db: Kysely<Schema>,
  token: { name: string; role: TokenRole; tokenHash: string; groups?: readonly string[] },
): Promise<number> {
  const row = await db
    .insertInto('apiToken')
    .values({ ...token, groups: [...(token.groups ?? [])] })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function findApiToken(
  db: Kysely<Schema>,
  tokenHash: string,
): Promise<{ name: string; role: TokenRole; groups: string[] } | null> {
  const row = await db
    .selectFrom('apiToken')
    .select(['name', 'role', 'groups'])
    .where('tokenHash', '=', tokenHash)
    .where('revokedAt', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

export async function listApiTokens(db: Kysely<Schema>): Promise<ListedToken[]> {
  return db
    .selectFrom('apiToken')
    .select(['id', 'name', 'role', 'createdAt', 'revokedAt', 'groups'])
    .orderBy('id')
    .execute();
}

export async function revokeApiToken(db: Kysely<Schema>, id: number): Promise<'revoked' | 'unknown'> {
  const { numUpdatedRows } = await db
    .updateTable('apiToken')
    .set({ revokedAt: sql`coalesce(revoked_at, now())` })
    .where('id', '=', id)
    .executeTakeFirst();
  return numUpdatedRows === 0n ? 'unknown' : 'revoked';
}
