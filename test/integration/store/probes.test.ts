import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { probeLocks } from '../../../controlplane/store/operation/probes.ts';
import type { Schema } from '../../../controlplane/store/schema.ts';
import { useTestDatabases } from '../../kit/database/database.ts';

const databases = useTestDatabases();

describe('probeLocks', () => {
  it('proves that one connection sees the locks of another, again and again', async () => {
    const { db } = await databases.fresh();
    expect([await probeLocks(db), await probeLocks(db)]).toEqual(['hold', 'hold']);
  });

  it('sees a pooler that gives two clients one connection of the server', async () => {
    const { url } = await databases.fresh();
    const shared = new pg.Client({ connectionString: url });
    await shared.connect();
    const everybodysClient = Object.assign(shared, { release: () => undefined });
    const pool = { options: {}, connect: () => Promise.resolve(everybodysClient), end: () => shared.end() };
    const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: pool as unknown as pg.Pool }) });
    expect(await probeLocks(db)).toBe('advisory-broken');
    await db.destroy();
  });
});
