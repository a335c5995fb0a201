import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatabase, type Database } from '../../../controlplane/store/database.ts';
import { noteCopiedDatabase } from '../../../controlplane/store/operation/copied-database.ts';
import { readRestored, TASK_NUMBERS_SKIPPED } from '../../../controlplane/store/operation/restored.ts';
import { restoreDatabase } from '../../../controlplane/store/backup/restore-database.ts';
import { heartbeatNode } from '../../../controlplane/store/settings/nodes.ts';
import { administer, makeDatabase } from '../../kit/database/database-server.ts';
import { useTestDatabases, type TestDatabase } from '../../kit/database/database.ts';
import { dumpLines, linesFrom } from '../../kit/database/dump.ts';
import { createLimitedRole } from '../../kit/database/limited-role.ts';
import { addBasic } from '../../kit/database/store.ts';

const databases = useTestDatabases();
const AT = new Date('2026-01-02T00:00:00Z');

/** Copies a database as pg_dump and pg_restore do: the same content, in another database. Closes the original. */
async function copyOf({ url, close }: TestDatabase): Promise<Database> {
  await close();
  const name = `wip_copy_${randomBytes(4).toString('hex')}`;
  const server = Object.assign(new URL(url), { pathname: '/postgres' }).href;
  const copy = openDatabase(await makeDatabase(server, name, new URL(url).pathname.slice(1)), { poolSize: 2 });
  onTestFinished(async () => {
    await copy.close();
    await administer(server, [`DROP DATABASE ${name} WITH (FORCE)`]);
  });
  return copy;
}

describe('a database that somebody copied', () => {
  it('is known as the same one by each further node', async () => {
    const { db } = await databases.fresh();
    expect(await Promise.all([noteCopiedDatabase(db, AT), noteCopiedDatabase(db, AT)])).toEqual([null, null]);
    expect(await noteCopiedDatabase(db, AT)).toBeNull();
    expect(await readRestored(db)).toBeNull();
  });

  it('stops no container it does not know, gives no number again and sends nothing that may have been sent', async () => {
    const original = await databases.fresh();
    await noteCopiedDatabase(original.db, AT);
    const { id } = await addBasic(original.db, {});
    await heartbeatNode(original.db, { name: 'node-1', version: '1' });
    await sql`UPDATE node SET seen_at = '2026-01-01T00:00:00Z'`.execute(original.db);
    const { db } = await copyOf(original);
    const noted = await Promise.all([noteCopiedDatabase(db, AT), noteCopiedDatabase(db, AT)]);
    const restored = { at: AT.toISOString(), dumpedAt: '2026-01-01T00:00:00.000Z' };
    expect(noted.filter((one) => one !== null)).toEqual([restored]);
    expect(await readRestored(db)).toEqual(restored);
    expect((await addBasic(db, {})).id).toBe(id + TASK_NUMBERS_SKIPPED + 1);
    // Once: the next start finds the database that it knows.
    expect(await noteCopiedDatabase(db, AT)).toBeNull();
  });

  it('by a dump of Wip is noted by the restore, and not again by a node', async () => {
    const original = await databases.fresh();
    await noteCopiedDatabase(original.db, AT);
    const { id } = await addBasic(original.db, {});
    const { db } = await databases.fresh();
    await restoreDatabase(db, linesFrom(await dumpLines(original.db)), AT);
    expect(await noteCopiedDatabase(db, AT)).toBeNull();
    expect((await addBasic(db, {})).id).toBe(id + TASK_NUMBERS_SKIPPED + 1);
  });

  it('is no copy for a user who may not read the number of the server', async () => {
    const database = await databases.fresh();
    await noteCopiedDatabase(database.db, AT);
    const role = await createLimitedRole(database);
    await role.setConnections(2);
    await sql`REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC`.execute(database.db);
    onTestFinished(async () => {
      await sql`GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC`.execute(database.db);
    });
    const limited = openDatabase(role.url, { poolSize: 1 });
    expect(await noteCopiedDatabase(limited.db, AT)).toBeNull();
    await limited.close();
  });
});
