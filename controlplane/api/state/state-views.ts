import { z } from 'zod';
import { Count, Instant } from '../view-fields.ts';
import { ExitStatusName, TaskStatusName } from '../tasks/task-views.ts';

/** soft: start nothing new. hard: touch nothing, started tasks included. */
export const PauseTypeName = z.enum(['soft', 'hard']);
export type PauseTypeName = z.infer<typeof PauseTypeName>;

export const PausesView = z.object({
  global: PauseTypeName.nullable(),
  /** Groups that are paused by themselves. */
  groups: z.record(z.string(), PauseTypeName),
  /** When each pause was last changed, and by whom, with the key `all` or `group/NAME`; a pause that is not on record is absent. */
  origins: z.record(z.string(), z.object({ since: Instant, by: z.string() })).optional(),
});
export type PausesView = z.infer<typeof PausesView>;

export const MaintenanceView = z.object({
  isOn: z.boolean(),
  reason: z.string().nullable(),
  since: Instant.nullable(),
  by: z.string().nullable(),
});
export type MaintenanceView = z.infer<typeof MaintenanceView>;

/** The database lacks everything that happened after `dumpedAt`. */
export const RestoredAnswer = z.object({ restored: z.object({ at: Instant, dumpedAt: Instant }).nullable() });
export type RestoredAnswer = z.infer<typeof RestoredAnswer>;

const NodeView = z.object({
  name: z.string(),
  version: z.string(),
  startedAt: Instant,
  seenAt: Instant,
  /** Tasks that it steps now. */
  tasksHeld: Count.optional(),
  /** Seconds until the first of their leases ends, unless it is renewed; null: the node holds no task. */
  shortestLeaseSeconds: z.number().nullable().optional(),
  /** How far its clock is ahead of the database's, at its last heartbeat; null for a node of an earlier version. */
  clockOffsetMs: z.number().nullable().optional(),
});
type NodeView = z.infer<typeof NodeView>;

/** How long tasks that were due or woken waited until one node claimed them: the last 1,000 claims of that node. */
export const WakesView = z.object({ count: Count, medianSeconds: z.number(), p99Seconds: z.number() });
export type WakesView = z.infer<typeof WakesView>;

export const ConnectionStatus = z.object({
  service: z.literal('wip'),
  version: z.string(),
  /** The node that answered. */
  node: z.string(),
  now: Instant,
  tasks: z.partialRecord(TaskStatusName, Count),
  pauses: PausesView,
  maintenance: MaintenanceView,
  /** The nodes that have reported in the last half minute. */
  nodes: z.array(NodeView),
  /** Figures of the node that answered; null: it has not claimed a woken task yet. Absent in answers of an earlier version. */
  wakes: WakesView.nullable().optional(),
});
export type ConnectionStatus = z.infer<typeof ConnectionStatus>;

export const GroupSummary = z.object({
  group: z.string(),
  statuses: z.partialRecord(TaskStatusName, Count),
  /** How many tasks have ended with each exit status. */
  exits: z.partialRecord(ExitStatusName, Count),
  causes: z.record(z.string(), Count),
});
export type GroupSummary = z.infer<typeof GroupSummary>;
export const TaskSummaryAnswer = z.object({ groups: z.array(GroupSummary) });
export type TaskSummaryAnswer = z.infer<typeof TaskSummaryAnswer>;

const ReconciledView = z.object({
  count: Count,
  /** The first 200. */
  containers: z
    .array(z.object({ task: Count, attempt: Count, arn: z.string().nullable(), cluster: z.string() }))
    .readonly(),
});

/** What a node found of the installation's containers when it compared the record with ECS. */
export const ReconcileReportView = z.object({
  node: z.string(),
  at: Instant,
  /** Containers that run, each with an attempt that owns it. */
  adopted: ReconciledView,
  /** Containers that ended since the record was last brought up to date. */
  finished: ReconciledView,
  /** Containers of this installation that no attempt owns. */
  unowned: ReconciledView,
  /** Whether unowned containers are stopped; they are only reported while a restored database is not confirmed. */
  unownedAre: z.enum(['stopped', 'reported']),
  /** ECS gave no answer about them, or has not answered their launch yet. */
  unknown: ReconciledView,
  /** Clusters whose tasks could not be listed. */
  unseenClusters: z.array(z.string()).readonly(),
});
export type ReconcileReportView = z.infer<typeof ReconcileReportView>;
export const StartReportsAnswer = z.object({ reports: z.array(ReconcileReportView).readonly() });
export type StartReportsAnswer = z.infer<typeof StartReportsAnswer>;

export const MaintenanceBody = z.strictObject({ reason: z.string().trim().min(1).max(512).optional() });
