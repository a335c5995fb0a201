import { sql, type Kysely } from 'kysely';
import { STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';

type RemovedGroup =
  | { readonly kind: 'removed' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'in-use'; readonly unfinished: number; readonly ended: number };

/**
 * Removes a group without tasks. Adding, admitting or ending a task creates or changes the row of its group. The lock of the
 * table waits for such transactions and blocks new ones, so that no task loses its group in between.
 */
export function removeGroup(db: Kysely<Schema>, name: string): Promise<RemovedGroup> {
  return db.transaction().execute(async (tx): Promise<RemovedGroup> => {
    await sql`LOCK TABLE group_limit IN SHARE ROW EXCLUSIVE MODE`.execute(tx);
    const { rows } = await sql<{ unfinished: number; ended: number }>`
      SELECT (SELECT count(*) FROM task WHERE group_name = name AND status <> ${STATUS.COMPLETE}) AS unfinished,
        (SELECT count(*) FROM task WHERE group_name = name AND status = ${STATUS.COMPLETE}) AS ended
      FROM group_limit WHERE name = ${name}`.execute(tx);
    const found = rows[0];
    if (!found) return { kind: 'unknown' };
    if (found.unfinished + found.ended > 0) return { kind: 'in-use', ...found };
    await tx.deleteFrom('groupLimit').where('name', '=', name).execute();
    return { kind: 'removed' };
  });
}
