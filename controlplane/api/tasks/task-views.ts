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
import { Count, Instant } from '../view-fields.ts';

function namesOf<Name extends string>(table: Readonly<Record<Name, number>>): [Name, ...Name[]] {
  return Object.keys(table) as [Name, ...Name[]];
}

export const TaskStatusName = z.enum(namesOf<TaskStatus>(TASK_STATUS));
export const ExitStatusName = z.enum(namesOf<ExitStatus>(EXIT_STATUS));
export const PriorityName = z.enum(namesOf<Priority>(PRIORITY));
/** The rank of a task in its queue: its priority, or FIRST, before all others whatever their priority. */
export const TaskRank = z.enum(['FIRST', ...namesOf<Priority>(PRIORITY)]);
export type TaskRank = z.infer<typeof TaskRank>;

/** The usage of the task's containers, all attempts together. An unknown value is null, never 0. */
export const UsageView = z.object({
  wallSeconds: z.number().nullable(),
  cpuSeconds: z.number().nullable(),
  memoryPeakBytes: z.number().nullable(),
  diskWorkloadBytes: z.number().nullable(),
  diskPeakBytes: z.number().nullable(),
  outputBytes: z.number().nullable(),
  /** Lost on the way, or not kept. */
  outputOmittedBytes: z.number().nullable(),
});
export type UsageView = z.infer<typeof UsageView>;

/** The limits of one container. An unknown or absent limit is null. */
export const LimitsView = z.object({
  timeSeconds: z.number().nullable(),
  diskBytes: z.number().nullable(),
  memoryBytes: z.number().nullable(),
  processors: z.number().nullable(),
});
export type LimitsView = z.infer<typeof LimitsView>;

/** One container of the task. */
export const TaskAttemptView = z.object({
  number: z.number().int().positive(),
  uuid: z.string(),
  /** The state of the attempt in the store's words: launching, running, stopped, void … */
  state: z.string(),
  cluster: z.string().nullable(),
  /** Why it went to this cluster, as a clause. */
  clusterReason: z.string().nullable().default(null),
  taskArn: z.string().nullable(),
  /** `host:port` of the container's SSH, as ECS reports it. */
  address: z.string().nullable(),
  createdAt: Instant,
  readyAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  /** Why it ended, once that is decided: one word, whose doing it was, a sentence, and the facts behind it. */
  cause: z.string().nullable(),
  limits: LimitsView.nullable().default(null),
  /** Of this container alone. */
  usage: UsageView.nullable().default(null),
  fault: Fault.nullable().default(null),
  sentence: z.string().nullable().default(null),
  remedy: z.string().nullable().default(null),
  evidence: z.array(z.string()).default([]),
});
export type TaskAttemptView = z.infer<typeof TaskAttemptView>;

/** What a build is of. */
export const SourceView = z.object({
  /** Without user and password. */
  repository: z.string(),
  branch: z.string().nullable(),
  /** The ref that is built instead of the branch, such as the merge of a pull request. */
  ref: z.string().nullable(),
  /** Known as soon as it is cloned. */
  commit: z.string().nullable(),
});
export type SourceView = z.infer<typeof SourceView>;

/** The part of its life that a task is in, whatever its kind calls its states. */
export const PhaseName = z.enum(['queued', 'starting', 'running', 'ending', 'ended']);
export type PhaseName = z.infer<typeof PhaseName>;

/** The step of a build that runs now. */
export const RunningStepView = z.object({
  /** From 1. */
  number: z.number().int().positive(),
  of: z.number().int().positive(),
  name: z.string(),
  since: Instant,
});
export type RunningStepView = z.infer<typeof RunningStepView>;

/** A step of a build that has begun. What is not known is null, and all but its place is while it runs. */
export const BuildStepView = z.object({
  event: z.string(),
  number: z.number().int().positive(),
  /** Null when the build ended before all its steps had begun. */
  of: z.number().int().positive().nullable(),
  name: z.string(),
  /** Line in the build file: of the step, or of the command at which it failed. */
  line: z.number().int().positive().nullable(),
  /** The command at which it failed. */
  command: z.string().nullable(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  exitCode: z.number().int().nullable(),
  /** Where its header begins in the stdout of the build's process. */
  offset: Count.nullable(),
});
export type BuildStepView = z.infer<typeof BuildStepView>;

/** The step at which a build failed. */
export const FailedStepView = BuildStepView.pick({
  event: true,
  number: true,
  of: true,
  name: true,
  line: true,
}).extend({
  command: z.string().nullable(),
  exitCode: z.number().int().nullable(),
  /** What happened, for people. */
  sentence: z.string().nullable(),
  offset: Count.nullable(),
});
export type FailedStepView = z.infer<typeof FailedStepView>;

const Spread = z.object({ medianSeconds: z.number(), p95Seconds: z.number() });
/** How long the last successes of the same group, repository and branch took, by phase. */
export const UsualView = z.object({
  /** The successes that were counted, 50 at most. */
  samples: Count,
  queued: Spread.nullable(),
  starting: Spread.nullable(),
  running: Spread.nullable(),
  ending: Spread.nullable(),
  /** From the start to the end. */
  total: Spread.nullable(),
});
export type UsualView = z.infer<typeof UsualView>;

/** Why a task waits. */
export const WaitingView = z.object({
  /** One word for programs: `no-capacity`, `access-denied`, `throttled`, `image-pull`, `group-full` … */
  code: z.string(),
  sentence: z.string(),
  /** Since when it waits for this; `last` and `count`: when it was last tried, and how often in a row. */
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
  /** The median of `usual.total`; null when nothing alike has succeeded. */
  usualSeconds: z.number().nullable().default(null),
});
export type TaskSummary = z.infer<typeof TaskSummary>;

export const TaskView = TaskSummary.extend({
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
export type TaskSummaryFacts = Omit<TaskSummary, 'why'>;
export type TaskViewFacts = Omit<TaskView, 'why'>;

/** One step of the recording: the state that was left, the value that was answered, the state that was entered. */
export const StepView = z.object({
  /** Grows by the order of the recording; the stream resumes after it. */
  number: Count,
  from: z.string().nullable(),
  value: z.string().nullable(),
  to: z.string(),
  /** False when the state was entered without running its method (`exec=false`). */
  executed: z.boolean(),
  at: Instant,
  tookMs: z.number().nullable(),
  /** A remark, such as `took over` after a node died. */
  note: z.string().nullable(),
});
export type StepView = z.infer<typeof StepView>;

export const LogLevelName = z.enum(['FATAL', 'ERROR', 'WARN', 'ALERT', 'INFO', 'DEBUG', 'TRACE']);
export type LogLevelName = z.infer<typeof LogLevelName>;

export const LogView = z.object({
  id: Count,
  at: Instant,
  level: LogLevelName,
  message: z.string(),
  userReadable: z.boolean(),
});
export type LogView = z.infer<typeof LogView>;

/** One stored piece of output, as the agent sent it. */
export const OutputView = z.object({
  id: Count,
  at: Instant,
  attempt: z.number().int().positive(),
  processId: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  /** Position of `data` in this process's stream. */
  offset: Count,
  data: z.base64(),
  /** Bytes of this process's stream just before `data` that are missing: lost on the way, or not kept. */
  omittedBefore: Count.default(0),
});
export type OutputView = z.infer<typeof OutputView>;

export const TaskPage = z.object({ tasks: z.array(TaskSummary), nextCursor: z.string().nullable() });
export type TaskPage = z.infer<typeof TaskPage>;

export const TranscriptAnswer = z.object({ steps: z.array(StepView) });
export type TranscriptAnswer = z.infer<typeof TranscriptAnswer>;
export const LogPage = z.object({ logs: z.array(LogView) });
export type LogPage = z.infer<typeof LogPage>;

/** Headers of `GET /v1/tasks/{id}/output`, whose body is the bytes themselves. */
export const OUTPUT_HEADER = { nextOffset: 'wip-next-offset', omittedBytes: 'wip-omitted-bytes' } as const;

/** Both streams in the order in which they were written, as far as that is known. `next` is the `after` of the next page. */
export const OutputPage = z.object({ pieces: z.array(OutputView), next: Count });
export type OutputPage = z.infer<typeof OutputPage>;
