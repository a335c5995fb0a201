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
  code: z
    .string()
    .describe('One word for programs: `no-capacity`, `access-denied`, `throttled`, `image-pull`, `group-full` …'),
  sentence: z.string().describe('The same for people.'),
  since: Instant.nullable().describe(
    'Since when the task waits for this reason. `last` and `count`: the last attempt, and the number of attempts in a row; null: the wait has no attempts.',
  ),
  last: Instant.nullable(),
  count: z.number().int().positive().nullable(),
  until: Instant.nullable().describe('When the task gives up; null: it waits for as long as it may run.'),
  remedy: z.string().nullable().describe('What people can do.'),
  evidence: z.array(z.string()).describe('The facts, in the words of ECS, the agent or the system.'),
});
export type WaitingView = z.infer<typeof WaitingView>;

/** A task as lists show it. */
export const TaskSummary = z.object({
  id: z.number().int().positive().describe('Number of the task.'),
  uuid: z.string().describe('UUID of the task.'),
  title: z.string().describe('For people.'),
  kind: z.string().describe('Name of the kind, such as `BuildSteps`.'),
  group: z.string().describe('Group whose limits it counts against.'),
  priority: PriorityName.describe('Rank in the queue, below tasks that were prioritised.'),
  isPrioritised: z.boolean().default(false).describe('The task comes before all others, whatever their priority.'),
  status: TaskStatusName.describe(
    'Where it is: NOT_READY waits for other tasks, NOT_STARTED for its turn, PROCESSING is being stepped, WAITING waits between steps, COMPLETE has ended, RESTARTED waits for its turn once more.',
  ),
  state: z.string().nullable().describe('The state of its table it is in; null before it started.'),
  exitStatus: ExitStatusName.describe('How it ended; NOT_FINISHED until then.'),
  exitMessage: z.string().nullable().describe('One sentence about its end; null until then.'),
  cause: z
    .string()
    .nullable()
    .describe('One word for why it ended, such as `success` or `limit-disk`; null until then.'),
  fault: Fault.nullable()
    .default(null)
    .describe('Whose doing its end was; null when nobody is to blame, or while it has not ended.'),
  why: z.string().describe('One sentence: why it ended, or why it waits.'),
  waitsBecause: z
    .string()
    .nullable()
    .describe(
      'A clause that completes "It waits because …" (`its group BuildSteps already runs 3 of 3 tasks`); null when it does not wait, or when the task\'s other fields say enough.',
    ),
  waiting: WaitingView.nullable()
    .default(null)
    .describe('The same reason with all that is known of it; null when it does not wait.'),
  isPaused: z.boolean().describe('The task itself is paused.'),
  isTerminating: z.boolean().describe('Somebody has asked it to end.'),
  createdBy: z.string().nullable().describe('Name of the token that added it; null: none did.'),
  createdAt: Instant.describe('When it was added.'),
  startedAt: Instant.nullable().describe('When its first step began.'),
  completedAt: Instant.nullable().describe('When it ended.'),
  wakeAt: Instant.nullable().describe('When it goes on at the latest; null when it has ended.'),
  source: SourceView.nullable().default(null).describe('Null for a task that builds nothing.'),
  phase: PhaseName.default('running').describe('The part of its life, whatever its kind calls its states.'),
  stateSince: Instant.nullable()
    .default(null)
    .describe('When it entered its state; since when it waits in the queue; when it ended.'),
  step: RunningStepView.nullable().default(null).describe('The step of a build that runs now.'),
  usualSeconds: z
    .number()
    .nullable()
    .default(null)
    .describe('The median of `usual.total`; null when no other task alike has succeeded.'),
});
export type TaskSummary = z.infer<typeof TaskSummary>;

export const TaskView = TaskSummary.extend({
  terminateRequest: z
    .object({ at: Instant, by: z.string().nullable() })
    .nullable()
    .default(null)
    .describe('When somebody asked to terminate the task, and who; `by` is null when the author is not on record.'),
  exitDetail: z
    .string()
    .nullable()
    .describe("Text for people beside the exit message: the end of the output, git's own words."),
  remedy: z.string().nullable().default(null).describe('What to do about its end, where the message does not say it.'),
  evidence: z
    .array(z.string())
    .default([])
    .describe('The facts behind its end, in the words of ECS, of the agent and of the control plane.'),
  clientJobId: z.string().nullable().describe('Name of the order by its sender.'),
  builtCommit: z
    .string()
    .nullable()
    .default(null)
    .describe('The commit that was built, as soon as it is cloned; null for other kinds of tasks.'),
  artefactCommit: z
    .string()
    .nullable()
    .default(null)
    .describe("The commit that the artefact's branch has after the build."),
  steps: z
    .array(BuildStepView)
    .default([])
    .describe('The steps of a build that have begun, oldest first, since it was started or restarted.'),
  failedStep: FailedStepView.nullable().default(null).describe('The step at which a build failed.'),
  usual: UsualView.nullable().default(null).describe('How long builds alike take.'),
  usage: UsageView.nullable().describe('What its containers used, all attempts together.'),
  attempts: z.array(TaskAttemptView).describe('The containers of the task, the oldest first.'),
  options: z.record(z.string(), z.unknown()).describe('As given, with secrets as `[secure]`.'),
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
  tasks: z.array(TaskSummary).describe('The newest first.'),
  nextCursor: z.string().nullable().describe('`cursor` of the page of older tasks; null when there are none.'),
  searchedUntil: Instant.nullable()
    .optional()
    .describe(
      'A page with `q` or `commit` searches 50,000 tasks. When there are more, this is when the oldest searched one was added: `nextCursor` goes on from there, even if this page is empty.',
    ),
});
export type TaskPage = z.infer<typeof TaskPage>;
