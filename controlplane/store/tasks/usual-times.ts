import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import { json } from '../json.ts';
import { EXIT, STATUS } from '../literals.ts';
import type { Schema } from '../schema.ts';
import { BRANCH, REPOSITORY } from './read-progress.ts';

/** The builds of one branch in one group: their times are compared. */
export interface BuildLineage {
  readonly group: string;
  readonly repository: string;
  readonly branch: string;
}

// Enough for a meaningful p95, and few enough that a change of the build becomes visible after some weeks.
const SAMPLES = 50;
const SUCCESSES = sql`task.status = ${STATUS.COMPLETE} AND task.exit_status IN (${EXIT.WARNING}, ${EXIT.COMPLETED})
  AND ${REPOSITORY} IS NOT NULL`;

export interface UsualSeconds {
  /** Median from start to end; null: nothing alike has succeeded. */
  readonly seconds: number | null;
  /** The task that the median comes from when it is the only success; it cannot be compared with itself. */
  readonly onlyTask: TaskId | null;
}

// The id of the only row; null when there are several.
const ONLY_TASK = sql`CASE WHEN count(*) = 1 THEN min(id) END`;

/** Returns the usual seconds of the last successes of each key, in the order of the keys. */
export async function readUsualSeconds(
  db: Kysely<Schema>,
  keys: readonly BuildLineage[],
): Promise<readonly UsualSeconds[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<UsualSeconds>`
    SELECT usual.* FROM jsonb_array_elements(${json(keys)}) WITH ORDINALITY AS key (one, nth)
      CROSS JOIN LATERAL (
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS seconds, ${ONLY_TASK} AS only_task FROM (
          SELECT task.id, extract(epoch FROM completed_at - started_at)::float8 AS took FROM task
          WHERE ${SUCCESSES} AND task.group_name = key.one ->> 'group' AND ${REPOSITORY} = key.one ->> 'repository'
            AND ${BRANCH} = key.one ->> 'branch'
          ORDER BY completed_at DESC LIMIT ${SAMPLES}) last) usual
    ORDER BY key.nth`.execute(db);
  return rows;
}

/** The phases of a task's life whose times are compared, and all of it after its start. */
type UsualPhase = 'queued' | 'starting' | 'running' | 'ending' | 'total';

export interface UsualTimes {
  /** The successes that were counted. */
  readonly samples: number;
  /** The task that was counted when it is the only one; it cannot be compared with itself. */
  readonly onlyTask: TaskId | null;
  /** Seconds; null: none of them had this phase. */
  readonly phases: Readonly<Record<UsualPhase, { readonly medianSeconds: number; readonly p95Seconds: number } | null>>;
}

interface PhaseRow {
  readonly phase: UsualPhase | null;
  readonly count: number;
  readonly onlyTask: TaskId | null;
  readonly median: number | null;
  readonly p95: number | null;
}

/**
 * Returns how long each phase took in the last successes. A phase ends where the next one begins: the task starts, its
 * container is proven over SSH, the state `endsAt` is entered, the task ends.
 */
export async function readUsualTimes(
  db: Kysely<Schema>,
  key: BuildLineage,
  endsAt: string,
): Promise<UsualTimes | null> {
  const { rows } = await sql<PhaseRow>`
    WITH last AS (
      SELECT task.id, task.created_at, task.started_at, task.completed_at, task.current_attempt FROM task
      WHERE ${SUCCESSES} AND task.group_name = ${key.group} AND ${REPOSITORY} = ${key.repository} AND ${BRANCH} = ${key.branch}
      ORDER BY task.completed_at DESC LIMIT ${SAMPLES}),
    marks AS (
      SELECT last.*, attempt.ssh_verified_at AS ready_at, (
        SELECT max(step.started_at) FROM step WHERE step.task_id = last.id AND step.state = ${endsAt}) AS ending_at
      FROM last LEFT JOIN container_attempt attempt ON attempt.task_id = last.id AND attempt.number = last.current_attempt),
    times AS (
      SELECT id, phase, greatest(0, extract(epoch FROM lasted))::float8 AS seconds FROM marks CROSS JOIN LATERAL (VALUES
        ('queued', started_at - created_at), ('starting', ready_at - started_at), ('running', ending_at - ready_at),
        ('ending', completed_at - ending_at), ('total', completed_at - started_at)) AS of_task (phase, lasted)
      WHERE lasted IS NOT NULL)
    SELECT phase, count(*) AS count, ${ONLY_TASK} AS only_task, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median,
      percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds) AS p95 FROM times GROUP BY phase`.execute(db);
  const total = rows.find(({ phase }) => phase === 'total');
  if (!total) return null;
  const of = (name: UsualPhase): UsualTimes['phases'][UsualPhase] => {
    const row = rows.find(({ phase }) => phase === name);
    return !row || row.median === null || row.p95 === null ? null : { medianSeconds: row.median, p95Seconds: row.p95 };
  };
  const phases = { queued: of('queued'), starting: of('starting'), running: of('running'), ending: of('ending') };
  return { samples: total.count, onlyTask: total.onlyTask, phases: { ...phases, total: of('total') } };
}
