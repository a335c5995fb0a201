import { z } from 'zod';
import { Fault } from '../../../shared/model/fault.ts';
import {
  EXIT_STATUS,
  PRIORITY,
  TASK_STATUS,
  type ExitStatus,
  type Priority,
  type TaskStatus,
} from '../../../shared/model/status.ts';
import { Instant } from '../view-fields.ts';
import { TaskAttemptView, UsageView } from './attempt-views.ts';
import { BuildStepView, FailedStepView, RunningStepView, SourceView, UsualView } from './build/build-views.ts';

function namesOf<Name extends string>(table: Readonly<Record<Name, number>>): [Name, ...Name[]] {
  return Object.keys(table) as [Name, ...Name[]];
}

export const TaskStatusName = z.enum(namesOf<TaskStatus>(TASK_STATUS));
export const ExitStatusName = z.enum(namesOf<ExitStatus>(EXIT_STATUS));
export const PriorityName = z.enum(namesOf<Priority>(PRIORITY));
/** The rank of a task in its queue: its priority, or FIRST, before all others whatever their priority. */
export const TaskRank = z.enum(['FIRST', ...namesOf<Priority>(PRIORITY)]);
export type TaskRank = z.infer<typeof TaskRank>;

/** The part of its life that a task is in, whatever its kind calls its states. */
export const PhaseName = z.enum(['queued', 'starting', 'running', 'ending', 'ended']);
export type PhaseName = z.infer<typeof PhaseName>;

/** Why a task waits. */
export const WaitingView = z.object({
  /** One word for programs: `no-capacity`, `access-denied`, `throttled`, `image-pull`, `group-full` … */
  code: z.string(),
  sentence: z.string(),
  /**
   * Since when the task waits for this reason. `last` and `count`: the last attempt, and the number of attempts in a row; null:
   * the wait has no attempts.
   */
  since: Instant.nullable(),
  last: Instant.nullable(),
  count: z.number().int().positive().nullable(),
  /** When the task gives up; null: it waits for as long as it may run. */
  until: Instant.nullable(),
  /** What people can do. */
  remedy: z.string().nullable(),
  /** The facts, in the words of ECS, the agent or the system. */
  evidence: z.array(z.string()),
});
export type WaitingView = z.infer<typeof WaitingView>;

/** A task as lists show it. */
export const TaskSummary = z.object({
  id: z.number().int().positive(),
  uuid: z.string(),
  title: z.string(),
  kind: z.string(),
  group: z.string(),
  priority: PriorityName,
  /** The task comes before all others, whatever their priority. */
  isPrioritised: z.boolean().default(false),
  status: TaskStatusName,
  /** The state of its table it is in; null before it started. */
  state: z.string().nullable(),
  exitStatus: ExitStatusName,
  exitMessage: z.string().nullable(),
  cause: z.string().nullable(),
  /** Whose doing its end was; null when nobody is to blame, or while it has not ended. */
  fault: Fault.nullable().default(null),
  /** One sentence: why it ended, or why it waits. */
  why: z.string(),
  /**
   * A clause that completes "It waits because …" (`its group BuildSteps already runs 3 of 3 tasks`); null when it
   * does not wait, or when the task's other fields say enough.
   */
  waitsBecause: z.string().nullable(),
  /** The same reason with all that is known of it; null when it does not wait. */
  waiting: WaitingView.nullable().default(null),
  isPaused: z.boolean(),
  isTerminating: z.boolean(),
  createdBy: z.string().nullable(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  completedAt: Instant.nullable(),
  wakeAt: Instant.nullable(),
  /** Null for a task that builds nothing. */
  source: SourceView.nullable().default(null),
  phase: PhaseName.default('running'),
  /** When it entered its state; since when it waits in the queue; when it ended. */
  stateSince: Instant.nullable().default(null),
  step: RunningStepView.nullable().default(null),
  /** The median of `usual.total`; null when no other task alike has succeeded. */
  usualSeconds: z.number().nullable().default(null),
});
export type TaskSummary = z.infer<typeof TaskSummary>;

export const TaskView = TaskSummary.extend({
  /** When somebody asked to terminate the task, and who; `by` is null when the author is not on record. */
  terminateRequest: z.object({ at: Instant, by: z.string().nullable() }).nullable().default(null),
  /** Text for people beside the exit message: the end of the output, git's own words. */
  exitDetail: z.string().nullable(),
  /** What to do about its end, where the message does not say it. */
  remedy: z.string().nullable().default(null),
  /** The facts behind its end, in the words of ECS, of the agent and of the control plane. */
  evidence: z.array(z.string()).default([]),
  clientJobId: z.string().nullable(),
  /** The commit that was built, as soon as it is cloned; null for other kinds of tasks. */
  builtCommit: z.string().nullable().default(null),
  /** The commit that the artefact's branch has after the build. */
  artefactCommit: z.string().nullable().default(null),
  /** The steps of a build that have begun, oldest first, since it was started or restarted. */
  steps: z.array(BuildStepView).default([]),
  failedStep: FailedStepView.nullable().default(null),
  usual: UsualView.nullable().default(null),
  usage: UsageView.nullable(),
  attempts: z.array(TaskAttemptView),
  /** As given, with secrets as `[secure]`. */
  options: z.record(z.string(), z.unknown()),
});
export type TaskView = z.infer<typeof TaskView>;

/** The facts of a task as the service answers them; the route adds `why`. */
export interface TaskSummaryFacts extends Omit<TaskSummary, 'why'> {
  /** The beginning of the detail of a failure that no class has explained; shown in `why` only. */
  readonly exitReason?: string | null;
  /** Who last asked to terminate the task; shown in `why` only. */
  readonly terminatedBy?: string;
}
export type TaskViewFacts = Omit<TaskView, 'why'>;

export const TaskPage = z.object({
  tasks: z.array(TaskSummary),
  nextCursor: z.string().nullable(),
  /**
   * A page with `q` or `commit` searches 50,000 tasks. When there are more, this is when the oldest searched one was added:
   * `nextCursor` goes on from there, even if this page is empty.
   */
  searchedUntil: Instant.nullable().optional(),
});
export type TaskPage = z.infer<typeof TaskPage>;
