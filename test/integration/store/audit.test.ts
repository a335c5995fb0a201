import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Db } from '../../../controlplane/store/schema.ts';
import { readAudit, type AuditFilter } from '../../../controlplane/store/settings/audit.ts';
import { useTestDatabases } from '../../kit/database/database.ts';

const databases = useTestDatabases();

const ENTRIES = [
  ['ann', 'terminate', 'task/7', '2026-11-01T10:00:00Z'],
  ['bob', 'terminate', 'task/70', '2026-11-02T10:00:00Z'],
  ['ann', 'set-limits', 'group/a', '2026-11-03T10:00:00Z'],
  ['ann', 'set-limits', 'group/a/b', '2026-11-04T10:00:00Z'],
  ['root', 'create', 'token/1', '2026-11-05T10:00:00Z'],
  ['ann', 'pause', 'tasks', '2026-11-06T10:00:00Z'],
] as const;

async function filled(): Promise<Db> {
  const { db } = await databases.fresh();
  for (const [actor, action, subject, at] of ENTRIES) {
    await sql`INSERT INTO audit (actor, action, subject, at) VALUES (${actor}, ${action}, ${subject}, ${at}::timestamptz)`.execute(
      db,
    );
  }
  return db;
}

describe('the audit in the store', () => {
  it.each<[string, Omit<AuditFilter, 'limit'>, number[]]>([
    ['everything, the newest first', {}, [6, 5, 4, 3, 2, 1]],
    ['one actor', { actor: 'bob' }, [2]],
    ['one action', { action: 'set-limits' }, [4, 3]],
    ['one subject and not the one that begins like it', { subject: 'task/7' }, [1]],
    ['all subjects of a kind', { subject: 'task' }, [2, 1]],
    ['the group a, and not the group a/b', { subject: 'group/a' }, [3]],
    ['a name with a slash as what it is', { subject: 'group/a/b' }, [4]],
    [
      'a time, from its first instant to before its last',
      { since: new Date(ENTRIES[1][3]), until: new Date(ENTRIES[3][3]) },
      [3, 2],
    ],
    [
      'all filters together',
      { actor: 'ann', action: 'set-limits', subject: 'group', since: new Date(ENTRIES[3][3]) },
      [4],
    ],
    ['nothing for a pattern', { subject: 'task/%', actor: '%' }, []],
  ])('is filtered by %s', async (_what, filter, ids) => {
    const db = await filled();
    expect((await readAudit(db, { ...filter, limit: 10 })).map(({ id }) => id)).toEqual(ids);
  });

  it('is read in pages that lose nothing', async () => {
    const db = await filled();
    const first = await readAudit(db, { limit: 4 });
    const rest = await readAudit(db, { limit: 4, beforeId: first.at(-1)!.id });
    expect([...first, ...rest].map(({ id }) => id)).toEqual([6, 5, 4, 3, 2, 1]);
  });
});
