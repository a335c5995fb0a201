import { z } from 'zod';
import { Count, Instant } from '../view-fields.ts';
import { ExitStatusName, TaskStatusName } from '../tasks/task-views.ts';

/** soft: start nothing new. hard: touch nothing, started tasks included. */
export const PauseTypeName = z.enum(['soft', 'hard']);
export type PauseTypeName = z.infer<typeof PauseTypeName>;

export const PausesView = z.object({
  global: PauseTypeName.nullable().describe('The pause of everything; null: there is none.'),
  groups: z.record(z.string(), PauseTypeName).describe('Groups that are paused by themselves.'),
  origins: z
    .record(z.string(), z.object({ since: Instant, by: z.string() }))
    .optional()
    .describe(
      'When each pause was last changed, and by whom, with the key `all` or `group/NAME`; a pause that is not on record is absent.',
    ),
});
export type PausesView = z.infer<typeof PausesView>;

export const MaintenanceView = z.object({
  isOn: z.boolean().describe('Whether new tasks are refused.'),
  reason: z.string().nullable().describe('Why, as it was given.'),
  since: Instant.nullable().describe('When it began; null when it is off.'),
  by: z.string().nullable().describe('Name of the token that switched it on.'),
});
export type MaintenanceView = z.infer<typeof MaintenanceView>;

/** The database lacks everything that happened after `dumpedAt`. */
export const RestoredAnswer = z.object({ restored: z.object({ at: Instant, dumpedAt: Instant }).nullable() });
export type RestoredAnswer = z.infer<typeof RestoredAnswer>;

const NodeView = z.object({
  name: z.string(),
  version: z.string(),
  startedAt: Instant.describe('When its process started.'),
  seenAt: Instant.describe('When it last reported.'),
  tasksHeld: Count.optional().describe('Tasks that it steps now.'),
  shortestLeaseSeconds: z
    .number()
    .nullable()
    .optional()
    .describe('Seconds until the first of their leases ends, unless it is renewed; null: the node holds no task.'),
  clockOffsetMs: z
    .number()
    .nullable()
    .optional()
    .describe(
      "How far its clock is ahead of the database's, at its last heartbeat; null for a node of an earlier version.",
    ),
});
type NodeView = z.infer<typeof NodeView>;

/** How long tasks that were due or woken waited until one node claimed them: the last 1,000 claims of that node. */
export const WakesView = z.object({
  count: Count.describe('Claims that were counted.'),
  medianSeconds: z.number().describe('Median of the wait (s).'),
  p99Seconds: z.number().describe('99th percentile of the wait (s).'),
});
export type WakesView = z.infer<typeof WakesView>;

export const ConnectionStatus = z.object({
  service: z.literal('wip').describe('Always `wip`.'),
  version: z.string().describe('Version of the node that answered.'),
  node: z.string().describe('The node that answered.'),
  now: Instant.describe('The time by the clock of the node.'),
  tasks: z
    .partialRecord(TaskStatusName, Count)
    .describe('Number of tasks by status; a status without tasks may be missing.'),
  pauses: PausesView.describe('What is paused.'),
  maintenance: MaintenanceView.describe('Whether new tasks are refused.'),
  nodes: z.array(NodeView).describe('The nodes that have reported in the last half minute.'),
  wakes: WakesView.nullable()
    .optional()
    .describe(
      'Figures of the node that answered; null: it has not claimed a woken task yet. Absent in answers of an earlier version.',
    ),
});
export type ConnectionStatus = z.infer<typeof ConnectionStatus>;

export const GroupSummary = z.object({
  group: z.string(),
  statuses: z.partialRecord(TaskStatusName, Count),
  exits: z.partialRecord(ExitStatusName, Count).describe('Number of ended tasks by exit status.'),
  causes: z.record(z.string(), Count),
});
export type GroupSummary = z.infer<typeof GroupSummary>;
export const TaskSummaryAnswer = z.object({ groups: z.array(GroupSummary) });
export type TaskSummaryAnswer = z.infer<typeof TaskSummaryAnswer>;

const ReconciledView = z.object({
  count: Count,
  containers: z
    .array(z.object({ task: Count, attempt: Count, arn: z.string().nullable(), cluster: z.string() }))
    .readonly()
    .describe('The first 200.'),
});

/** What a node found of the installation's containers when it compared the record with ECS. */
export const ReconcileReportView = z.object({
  node: z.string(),
  at: Instant,
  adopted: ReconciledView.describe('Containers that run, each with an attempt that owns it.'),
  finished: ReconciledView.describe('Containers that ended since the record was last brought up to date.'),
  unowned: ReconciledView.describe('Containers of this installation that no attempt owns.'),
  unownedAre: z
    .enum(['stopped', 'reported'])
    .describe(
      'Whether unowned containers are stopped; they are only reported while a restored database is not confirmed.',
    ),
  unknown: ReconciledView.describe('ECS gave no answer about them, or has not answered their launch yet.'),
  unseenClusters: z.array(z.string()).readonly().describe('Clusters whose tasks could not be listed.'),
});
export type ReconcileReportView = z.infer<typeof ReconcileReportView>;
export const StartReportsAnswer = z.object({ reports: z.array(ReconcileReportView).readonly() });
export type StartReportsAnswer = z.infer<typeof StartReportsAnswer>;

export const MaintenanceBody = z.strictObject({
  reason: z.string().trim().min(1).max(512).optional().describe('Why, for those who are refused meanwhile.'),
});
