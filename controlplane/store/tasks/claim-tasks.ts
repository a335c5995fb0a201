import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { LivingClasses } from '../../tasks/checks/class-versions.ts';
import { RESTING, SLEEPING, SLOT, STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';
import { admitTasks } from './admit-tasks.ts';
import { stepInputJson, stepInputOf, type StepInputJson } from './begin-step.ts';
import { lookAhead, type Ahead } from './look-ahead.ts';
import { isAllowedByPauses, isRunnableBy, takes, type Claim, type ClaimedTask } from './queue.ts';

export interface Claimed {
  readonly tasks: readonly ClaimedTask[];
  /** How many of them are new. Starting a task can make others startable, so a caller claims again at once. */
  readonly admitted: number;
  /** The result of lookAhead, which ran beside the claim; null when new tasks were left out or the read failed. */
  readonly ahead: Ahead | null;
}

/**
 * Takes runnable tasks for a node: first those under way (expired leases and ended waits), then new ones for which
 * their group has room. Each comes with a new token. Two nodes never get the same task.
 */
export async function claimTasks(db: Kysely<Schema>, claim: Claim): Promise<Claimed> {
  if (claim.newTasks === 'leave') return { tasks: await claimStarted(db, claim), admitted: 0, ahead: null };
  // Mostly both queries find nothing, or the first finds a task that has just been woken. In parallel they take half the time.
  const [started, lookahead] = await Promise.allSettled([claimStarted(db, claim), lookAhead(db, claim)]);
  if (started.status === 'rejected') throw started.reason;
  const tasks = started.value;
  const underWay = tasks.length;
  try {
    if (lookahead.status === 'rejected') throw lookahead.reason;
    const rest = { ...claim, limit: claim.limit - tasks.length };
    for await (const admitted of admitTasks(db, rest, lookahead.value)) tasks.push(...admitted);
  } catch (error) {
    // Tasks that were claimed before the failure are this node's already and must reach it. The next claim meets the error.
    if (tasks.length === 0) throw error;
  }
  return { tasks, admitted: tasks.length - underWay, ahead: lookahead.status === 'fulfilled' ? lookahead.value : null };
}

/**
 * Claims those of the named tasks that are under way and due, by their primary keys, because a notified node need not search. The
 * tasks are not claimed in queue order, so this is only for a node that has room for all due tasks. Expired leases and new tasks
 * are left to claimTasks.
 */
export async function claimNamed(
  db: Kysely<Schema>,
  claim: Omit<Claim, 'limit' | 'expiredLeases' | 'newTasks'>,
  ids: readonly TaskId[],
): Promise<ClaimedTask[]> {
  return claimChosen(db, claim, sql`WHERE id = ANY(${ids}::bigint[]) AND ${IS_DUE} AND ${isRunnableBy(claim)}`, sql``);
}

// A restarted task without a slot is queued, and admit-tasks.ts starts it.
const IS_DUE = sql`status IN ${SLEEPING} AND wake_at <= now() AND (status = ${STATUS.WAITING} OR slot <> ${SLOT.none})`;

/**
 * Takes tasks whose end was requested this long ago and whose class no living node has, so that no claim takes them. Who ends
 * them must do without the class.
 */
export async function claimClassless(
  db: Kysely<Schema>,
  claim: Pick<Claim, 'node' | 'leaseSeconds' | 'limit'>,
  { living, afterSeconds }: { readonly living: NonNullable<LivingClasses>; readonly afterSeconds: number },
): Promise<ClaimedTask[]> {
  const isLeft = sql`(status IN ${RESTING} OR (status = ${STATUS.PROCESSING} AND lease_until <= now()))`;
  // The form of `classKey`.
  const isClassless = sql`NOT class_version || ' ' || kind = ANY(${[...living]}::text[])`;
  const where = sql`
    WHERE terminate_requested_at < now() - make_interval(secs => ${afterSeconds}) AND ${isLeft} AND ${isClassless}`;
  return claimChosen(db, claim, where, sql`ORDER BY terminate_requested_at LIMIT ${claim.limit}`);
}

function claimStarted(db: Kysely<Schema>, claim: Claim): Promise<ClaimedTask[]> {
  const isExpired =
    claim.expiredLeases === 'leave' ? sql`false` : sql`status = ${STATUS.PROCESSING} AND lease_until <= now()`;
  const first = sql`
    ORDER BY is_prioritized DESC, (terminate_requested_at IS NOT NULL) DESC, priority, wake_at, id LIMIT ${claim.limit}`;
  return claimChosen(db, claim, sql`WHERE ((${isExpired}) OR (${IS_DUE})) AND ${isRunnableBy(claim)}`, first);
}

/** Claims tasks under way, and begins the first step of each in the same statement. */
async function claimChosen(
  db: Kysely<Schema>,
  claim: Pick<Claim, 'node' | 'leaseSeconds'>,
  where: RawBuilder<unknown>,
  first: RawBuilder<unknown>,
): Promise<ClaimedTask[]> {
  // MATERIALIZED, so that rows are chosen and locked once, whichever plan the update gets.
  const { rows } = await sql<Omit<ClaimedTask, 'stepInput'> & { input: StepInputJson | null }>`
    WITH chosen AS MATERIALIZED (
      SELECT id, status = ${STATUS.PROCESSING} AS is_takeover, owner AS previous_owner, wake_seq <> seen_seq AS has_news FROM task
      ${where} AND ${isAllowedByPauses}
      ${first} FOR NO KEY UPDATE SKIP LOCKED),
    claimed AS (
      UPDATE task SET ${takes(claim)}, seen_seq = wake_seq, takeovers = takeovers + chosen.is_takeover::integer
      FROM chosen WHERE task.id = chosen.id
      RETURNING task.*, chosen.is_takeover, chosen.previous_owner, chosen.has_news)
    SELECT *, ${stepInputJson(sql`id`, sql`token`, sql`has_news`)} AS input FROM claimed`.execute(db);
  return rows.map(({ input, ...task }) => ({ ...task, stepInput: input && stepInputOf(input) }));
}
