import { sql, type Kysely } from 'kysely';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { ReceivedStepHeader } from '../../../shared/protocol/step-header.ts';
import { STATUS } from '../literals.ts';
import { isAnyOf } from '../is-any-of.ts';
import type { Schema } from '../schema.ts';

/** The source of a build, read from its options and, for the commit, from its memory, so that lists need no task class. */
interface BuildSource {
  /** Without user and password. */
  readonly repository: string;
  readonly branch: string | null;
  readonly ref: string | null;
  readonly commit: string | null;
}

/** How far a task has come. */
export interface TaskProgress {
  /** null: it builds nothing. */
  readonly source: BuildSource | null;
  /** When it entered its state; null before its first step. */
  readonly stateSince: Date | null;
  /** The step whose header came last; null before the first, and once the build tool's own record is there. */
  readonly step: ReceivedStepHeader | null;
}

/** The SQL function of migration 18, whose index serves conditions on this very expression. */
export const REPOSITORY = sql<string | null>`wip_repository(task.options)`;
export const BRANCH = sql<string | null>`(task.options ->> 'vcsPath')`;
export const COMMIT = sql<string | null>`(task.memory -> 'buildFile' ->> 'commit')`;

interface ProgressRow extends Omit<TaskProgress, 'source'>, Omit<BuildSource, 'repository'> {
  readonly id: TaskId;
  readonly repository: string | null;
}

/** Reads the progress of the tasks of a page with one statement. */
export async function readProgress(
  db: Kysely<Schema>,
  ids: readonly TaskId[],
): Promise<ReadonlyMap<TaskId, TaskProgress>> {
  if (ids.length === 0) return new Map();
  const { rows } = await sql<ProgressRow>`
    SELECT task.id, ${REPOSITORY} AS repository, ${BRANCH} AS branch, task.options ->> 'mergeRef' AS ref, ${COMMIT} AS commit,
      CASE WHEN task.status <> ${STATUS.COMPLETE} AND task.memory -> 'steps' IS NULL THEN attempt.build_steps -> -1 END AS step,
      CASE WHEN task.state IS NOT NULL THEN entered.at END AS state_since
    FROM task
    LEFT JOIN container_attempt attempt ON attempt.task_id = task.id AND attempt.number = task.current_attempt
    LEFT JOIN LATERAL (
      SELECT CASE WHEN task.entering IS NULL THEN step.started_at
          ELSE step.started_at + make_interval(secs => step.took_ms / 1000.0) END AS at
      FROM step WHERE step.task_id = task.id AND (task.entering IS NOT NULL OR step.from_state IS DISTINCT FROM step.state)
      ORDER BY step.id DESC LIMIT 1) entered ON true
    WHERE ${isAnyOf(sql`task.id`, 'bigint', ids)}`.execute(db);
  return new Map(
    rows.map(({ id, repository, branch, ref, commit, stateSince, step }) => [
      id,
      { source: repository === null ? null : { repository, branch, ref, commit }, stateSince, step },
    ]),
  );
}
