import { sql, type Kysely, type RawBuilder } from 'kysely';
import { retryConflicts } from '../retry-conflicts.ts';
import type { Schema } from '../schema.ts';
import type { Slot } from '../schema/task-tables.ts';
import type { Ahead } from './look-ahead.ts';
import { isGloballyPaused, isQueued, takes, type Claim, type ClaimedTask } from './queue.ts';
import {
  firstOfEachWork,
  IN_ORDER,
  mayStartNow,
  nearestStartable,
  PARENT_IS_STARTED,
  WORK_IS_FREE,
} from './startable.ts';

/**
 * Starts queued tasks. A group's counter moves only under the lock of its row, in the transaction that starts the tasks,
 * so its maximum holds across nodes. A group that another node has locked is left to that node. Each batch is committed
 * when it is yielded.
 */
export async function* admitTasks(db: Kysely<Schema>, claim: Claim, ahead: Ahead): AsyncGenerator<ClaimedTask[]> {
  let left = claim.limit;
  if (ahead.withoutRoom && left > 0) {
    const terminating = await admitTerminating(db, claim, left);
    yield terminating;
    left -= terminating.length;
    const children = await retryConflicts(() => admitChildren(db, claim, left));
    yield children;
    left -= children.length;
  }
  for (const group of ahead.groups) {
    if (left <= 0) return;
    const admitted = await retryConflicts(() => admitFromGroup(db, claim, group, left));
    yield admitted;
    left -= admitted.length;
  }
}

/** Admits tasks that were asked to terminate before they started. They take no slot, because their only step starts nothing. */
async function admitTerminating(db: Kysely<Schema>, claim: Claim, limit: number): Promise<ClaimedTask[]> {
  const where = sql`terminate_requested_at IS NOT NULL`;
  return startQueued(db, claim, { where, slot: 'none', limit });
}

/** Admits children, which run in their parent's slot. A soft pause does not hold them, because it lets started work finish. */
async function admitChildren(db: Kysely<Schema>, claim: Claim, limit: number): Promise<ClaimedTask[]> {
  const where = sql`parent_id IS NOT NULL AND ${PARENT_IS_STARTED} AND ${WORK_IS_FREE}`;
  return oneByOne(limit, () => startQueued(db, claim, { where, slot: 'parent', limit: 1 }));
}

async function admitFromGroup(db: Kysely<Schema>, claim: Claim, group: string, limit: number): Promise<ClaimedTask[]> {
  return db.transaction().execute(async (tx) => {
    const locked = await sql<{ room: number }>`
      SELECT max_running - running AS room FROM group_limit
      WHERE name = ${group} AND running < max_running AND pause IS NULL AND NOT ${isGloballyPaused}
      FOR NO KEY UPDATE SKIP LOCKED`.execute(tx);
    const room = locked.rows[0]?.room ?? 0;
    const started = await oneByOne(Math.min(limit, room), () => startFirstOf(tx, claim, group));
    if (started.length > 0) {
      await sql`UPDATE group_limit SET running = running + ${started.length} WHERE name = ${group}`.execute(tx);
    }
    return started;
  });
}

async function startFirstOf(tx: Kysely<Schema>, claim: Claim, group: string): Promise<ClaimedTask[]> {
  for (const ids of [nearestStartable(claim, group), firstOfEachWork(claim, group)]) {
    const where = sql`id = ANY (ARRAY (${ids})) AND ${WORK_IS_FREE}`;
    const started = await startQueued(tx, claim, { where, slot: 'own', limit: 1 });
    if (started.length > 0) return started;
  }
  return [];
}

/** Starts one task per statement, so that each statement sees which work ids the earlier ones have taken. */
async function oneByOne(limit: number, next: () => Promise<ClaimedTask[]>): Promise<ClaimedTask[]> {
  const all: ClaimedTask[] = [];
  while (all.length < limit) {
    const [one] = await next();
    if (!one) break;
    all.push(one);
  }
  return all;
}

async function startQueued(
  db: Kysely<Schema>,
  claim: Claim,
  which: { where: RawBuilder<unknown>; slot: Slot; limit: number },
): Promise<ClaimedTask[]> {
  if (which.limit <= 0) return [];
  // Most statements have the limit 1, which is a literal for the reason in startable.ts.
  const limit = which.limit === 1 ? sql.lit(1) : sql`${which.limit}`;
  const { rows } = await sql<Omit<ClaimedTask, 'stepInput'>>`
    WITH chosen AS MATERIALIZED (
      SELECT id FROM task
      WHERE ${isQueued} AND ${which.where} AND ${mayStartNow(claim)}
      ${IN_ORDER}
      LIMIT ${limit} FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE task SET ${takes(claim)}, slot = ${which.slot}, started_at = coalesce(started_at, now())
    FROM chosen WHERE task.id = chosen.id
    RETURNING task.*, false AS is_takeover, NULL AS previous_owner`.execute(db);
  return rows.map((task) => ({ ...task, stepInput: null }));
}
