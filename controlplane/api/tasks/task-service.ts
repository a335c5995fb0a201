import { OperationalError } from '../../../shared/model/error.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { TASK_STATUS, type Priority } from '../../../shared/model/status.ts';
import type { Logger } from '../../../shared/system/logger.ts';
import type { Sealer } from '../../../shared/keys/sealing.ts';
import { prepareTask, type PrepareTaskDeps } from '../../engine/prepare-task.ts';
import { reportsOfChange, type ReportedChange } from '../../engine/reports-of-change.ts';
import { readDefinitionSizes } from '../../store/clusters/task-definitions.ts';
import { listAttempts } from '../../store/attempts/find-attempt.ts';
import {
  pauseTask,
  prioritiseTask,
  requestTerminate,
  restartTask,
  resumeTask,
  type MakeReports,
} from '../../store/control/control-task.ts';
import type { JsonObject } from '../../store/json.ts';
import { countOmittedOutput } from '../../store/output/read-output.ts';
import { readUsage } from '../../store/output/read-usage.ts';
import type { AttemptRow } from '../../store/schema.ts';
import { addTask } from '../../store/tasks/add-task.ts';
import { readProgress } from '../../store/tasks/read-progress.ts';
import { findSearchEnd, findTask, listTasks, type SearchEnd } from '../../store/tasks/read-tasks.ts';
import type { TaskFilter } from '../../store/tasks/task-conditions.ts';
import type { WipClass } from '../../tasks/wip-class.ts';
import { auditInto } from '../audit/audited.ts';
import type { AuditAction } from '../audit/audit-views.ts';
import type { Role } from '../http/authentication.ts';
import { checkClassLives } from './submit/class-check-service.ts';
import { checkOrder, type OrderCheckDeps } from './submit/launch-check-service.ts';
import { differingParts, digestJob } from './submit/job-digest.ts';
import { jobIdOf, taskFacts } from './task-facts.ts';
import { blocksOf, summariesOf } from './task-summary-service.ts';
import type { TaskRank, TaskViewFacts, TaskSummaryFacts } from './task-views.ts';
import { readCommits } from './submit/task-commits.ts';
import { createUsualTimesService, type UsualTimesService } from './build/usual-times-service.ts';
import { terminateRequestOf } from './terminate-request.ts';
import { readVerdicts } from './why/verdict-service.ts';
import { findWaitReasons } from './why/wait-reasons.ts';

export type { TaskFilter, VisibleTasks } from '../../store/tasks/task-conditions.ts';
import { readAuditOf } from '../../store/settings/audit.ts';

export interface SubmittedTask {
  readonly kind: string;
  /** Not yet checked: only the task's class knows its options. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly title?: string;
  readonly group?: string;
  readonly priority?: Priority;
  /** Same id from the same submitter: the same task, nothing is added. */
  readonly clientJobId?: string;
  readonly createdBy: string;
  /** Role of the token that orders it; absent: the installation itself does, as for a webhook. */
  readonly role?: Role;
  /** Earlier tasks with this key that have not ended are terminated. */
  readonly supersedeKey?: string;
  /** The task may be added during a maintenance, and then starts after it. */
  readonly startsAfterMaintenance?: boolean;
}

export interface SubmissionOutcome {
  readonly id: TaskId;
  readonly created: boolean;
  /** The tasks that are ended, because this one supersedes them. */
  readonly superseded: readonly TaskId[];
}

/** Adds, lists and steers tasks. */
export interface TaskService {
  /**
   * Throws TASK_KIND_UNKNOWN, OPTIONS_INVALID, CLUSTER_UNKNOWN or FORBIDDEN, JOB_CONFLICT when the clientJobId is that of another order, and
   * NODE_ENDING.
   */
  addTask(task: SubmittedTask): Promise<SubmissionOutcome>;
  /** Newest first. */
  listTasks(filter: TaskFilter): Promise<readonly TaskSummaryFacts[]>;
  /**
   * Returns the point at which a search with this filter stops; null when it reaches the oldest task, and for a filter without a
   * search.
   */
  findSearchEnd(filter: TaskFilter): Promise<SearchEnd | null>;
  findTask(id: TaskId): Promise<TaskViewFacts | null>;
  /** Succeeds for a finished task too, because the task has ended as requested. */
  terminateTask(id: TaskId, by: string): Promise<void>;
  pauseTask(id: TaskId, by: string): Promise<'paused' | 'finished'>;
  resumeTask(id: TaskId, by: string): Promise<'resumed' | 'finished'>;
  /** Changes only the order in which nodes claim tasks: a wait of the task is not cut short. */
  prioritiseTask(id: TaskId, rank: TaskRank, by: string): Promise<'prioritised' | 'finished'>;
  restartTask(id: TaskId, by: string): Promise<'restarted' | 'not-finished'>;
}

export interface TaskServiceDeps extends OrderCheckDeps {
  readonly sealer: Sealer;
  /** Keys the digests of orders; see digestJob. */
  readonly digestKey: string;
  readonly kinds: ReadonlyMap<string, WipClass>;
  readonly maxRunSeconds: number;
  readonly heartbeatSeconds: number;
  readonly settings: PrepareTaskDeps['settings'];
  /** Returns whether this node ends and its embedded database with it: no other node would run a new task. */
  readonly isDatabaseEnding: () => boolean;
  readonly log: Logger;
}

interface ReadDeps extends TaskServiceDeps {
  readonly usualTimes: UsualTimesService;
}

export function createTaskService(given: TaskServiceDeps): TaskService {
  const { db } = given;
  const deps: ReadDeps = { ...given, usualTimes: createUsualTimesService(db) };
  const audit = auditInto(db);
  const audited = (action: AuditAction, id: TaskId, by: string, detail?: JsonObject): Promise<void> =>
    audit(by, action, `task/${id}`, detail);
  const reportsOf = (change: ReportedChange): MakeReports => reportsOfChange(deps, change);
  return {
    addTask: async (task) => {
      const added = await submit(deps, task);
      for (const id of added.superseded) await audited('terminate', id, task.createdBy, { supersededBy: added.id });
      return added;
    },
    listTasks: async (filter) => summariesOf(deps, await listTasks(db, filter)),
    findSearchEnd: (filter) => findSearchEnd(db, filter),
    findTask: (id) => readFacts(deps, id),
    terminateTask: async (id, by) => {
      if ((await requestTerminate(db, id)) === 'done') await audited('terminate', id, by);
    },
    pauseTask: async (id, by) => {
      const outcome = await pauseTask(db, id, reportsOf('paused'));
      if (outcome === 'done') await audited('pause', id, by);
      const task = await findTask(db, { id });
      return task?.status === TASK_STATUS.COMPLETE ? 'finished' : 'paused';
    },
    resumeTask: async (id, by) => {
      if ((await resumeTask(db, id, reportsOf('resumed'))) === 'done') await audited('resume', id, by);
      const task = await findTask(db, { id });
      return task?.status === TASK_STATUS.COMPLETE ? 'finished' : 'resumed';
    },
    prioritiseTask: async (id, rank, by) => {
      const outcome = await prioritiseTask(db, id, rank);
      if (outcome === 'done') await audited('prioritise', id, by, { priority: rank });
      const task = await findTask(db, { id });
      return task?.status === TASK_STATUS.COMPLETE ? 'finished' : 'prioritised';
    },
    restartTask: async (id, by) => {
      const task = await findTask(db, { id });
      if (task?.status !== TASK_STATUS.COMPLETE) return 'not-finished';
      await checkClassLives(db, task);
      if ((await restartTask(db, id, reportsOf('queued'))) === 'done') await audited('restart', id, by);
      return 'restarted';
    },
  };
}

const NOTHING_OMITTED = { gaps: 0, trimmed: 0 } as const;

async function readFacts(deps: ReadDeps, id: TaskId): Promise<TaskViewFacts | null> {
  const { db, kinds, usualTimes } = deps;
  const task = await findTask(db, { id });
  if (!task) return null;
  // A task that waits for its first container has none of these. Skipping the queries pays: many clients read a task right after
  // adding it.
  const hasAttempts = task.attempts > 0;
  const [attempts, usage, omitted, reasons, progresses] = await Promise.all([
    hasAttempts ? listAttempts(db, id) : [],
    hasAttempts ? readUsage(db, id) : [],
    hasAttempts ? countOmittedOutput(db, id) : NOTHING_OMITTED,
    findWaitReasons(db, [task]),
    readProgress(db, [id]),
  ]);
  const progress = progresses.get(id);
  const [usual, sizes, verdicts, requests] = await Promise.all([
    usualTimes.findTimes({ id, group: task.groupName, source: progress?.source ?? null }),
    readDefinitionSizes(db, definitionsOf(attempts)),
    readVerdicts(deps, id, attempts),
    task.terminateRequestedAt === null ? [] : readAuditOf(db, `task/${id}`),
  ]);
  const kind = kinds.get(task.kind);
  return taskFacts(task, {
    attempts,
    usage,
    omitted,
    sizes,
    verdicts,
    waiting: reasons.get(id) ?? null,
    progress,
    blocks: blocksOf(deps.kinds, task.kind),
    usual,
    usualSeconds: usual?.total?.medianSeconds ?? null,
    sealed: kind?.options.sealed ?? [],
    commits: readCommits(deps, task),
    terminateRequest: terminateRequestOf(task.terminateRequestedAt, requests),
  });
}

export function definitionsOf(attempts: readonly AttemptRow[]): string[] {
  return [...new Set(attempts.flatMap(({ taskDefinition }) => taskDefinition ?? []))];
}

async function submit(deps: TaskServiceDeps, task: SubmittedTask): Promise<SubmissionOutcome> {
  if (deps.isDatabaseEnding()) {
    throw new OperationalError('NODE_ENDING', {
      happened: 'This node is ending, and there is no other one on its embedded database that would run the task',
      remedy: 'Send it again once the node has been started again',
    });
  }
  const { createdBy, clientJobId, supersedeKey, startsAfterMaintenance } = task;
  const { requirements, ofKind, ...row } = prepareTask(deps, task);
  const prepared = { ...row, supersedeKey, startsAfterMaintenance };
  await checkOrder(deps, { ...task, requirements, ofKind });
  if (clientJobId === undefined) return addTask(deps.db, { ...prepared, createdBy });
  const jobDigest = digestJob(deps.digestKey, task);
  const added = await addTask(deps.db, {
    ...prepared,
    createdBy,
    clientJobId: jobIdOf(createdBy, clientJobId),
    jobDigest,
  });
  const different = added.earlierDigest ? differingParts(added.earlierDigest, jobDigest) : [];
  if (added.created || different.length === 0) return added;
  throw new OperationalError('JOB_CONFLICT', {
    happened: `The clientJobId "${clientJobId}" is that of task ${added.id}, which was ordered with another ${different.join(', ')}`,
    remedy: 'Send that order again as it was, or this one under an id of its own; nothing was added',
  });
}
