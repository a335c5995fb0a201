import { z } from 'zod';
import { ROLES } from './http/authentication.ts';
import { AttemptView, ExitStatusName, TaskStatusName, UsageView } from './tasks/task-views.ts';

// What the API answers about the installation and about a task's details, as zod objects: see ../views.ts.

const Instant = z.iso.datetime({ offset: true });
const Count = z.number().int().min(0);
const Facts = z.record(z.string(), z.unknown());

/** soft: start nothing new. hard: touch nothing, started tasks included. */
export const PauseTypeName = z.enum(['soft', 'hard']);
export type PauseTypeName = z.infer<typeof PauseTypeName>;

export const PausesView = z.object({
  global: PauseTypeName.nullable(),
  /** Groups that are paused by themselves. */
  groups: z.record(z.string(), PauseTypeName),
});
export type PausesView = z.infer<typeof PausesView>;

export const GroupView = z.object({
  name: z.string(),
  /** Tasks that hold one of its places. */
  running: Count,
  maxRunning: Count,
  /** Tasks that wait for a place. */
  queued: Count,
  pause: PauseTypeName.nullable(),
  /** How long ended tasks are kept. */
  retentionDays: Count,
});
export type GroupView = z.infer<typeof GroupView>;
export const GroupsAnswer = z.object({ groups: z.array(GroupView) });
export type GroupsAnswer = z.infer<typeof GroupsAnswer>;

export const MaintenanceView = z.object({
  isOn: z.boolean(),
  reason: z.string().nullable(),
  since: Instant.nullable(),
  by: z.string().nullable(),
});
export type MaintenanceView = z.infer<typeof MaintenanceView>;

/** `dumpedAt`: what happened since then is not known to the database. */
export const RestoredAnswer = z.object({ restored: z.object({ at: Instant, dumpedAt: Instant }).nullable() });
export type RestoredAnswer = z.infer<typeof RestoredAnswer>;

export const NodeView = z.object({ name: z.string(), version: z.string(), startedAt: Instant, seenAt: Instant });
export type NodeView = z.infer<typeof NodeView>;

export const ConnectionStatus = z.object({
  service: z.literal('wip'),
  version: z.string(),
  /** The node that answered. */
  node: z.string(),
  now: Instant,
  tasks: z.partialRecord(TaskStatusName, Count),
  pauses: PausesView,
  maintenance: MaintenanceView,
  /** All that have said something in the last half minute. */
  nodes: z.array(NodeView),
});
export type ConnectionStatus = z.infer<typeof ConnectionStatus>;

export const GroupSummary = z.object({
  group: z.string(),
  statuses: z.partialRecord(TaskStatusName, Count),
  /** Of those that have ended. */
  exits: z.partialRecord(ExitStatusName, Count),
  causes: z.record(z.string(), Count),
});
export type GroupSummary = z.infer<typeof GroupSummary>;
export const TaskSummaryAnswer = z.object({ groups: z.array(GroupSummary) });
export type TaskSummaryAnswer = z.infer<typeof TaskSummaryAnswer>;

export const TokenView = z.object({
  id: z.number().int().positive(),
  name: z.string(),
  role: z.enum(ROLES),
  createdAt: Instant,
  revokedAt: Instant.nullable(),
});
export type TokenView = z.infer<typeof TokenView>;
export const TokensAnswer = z.object({ tokens: z.array(TokenView) });
export type TokensAnswer = z.infer<typeof TokensAnswer>;
/** The only answer that ever holds the token itself. */
export const NewTokenAnswer = TokenView.extend({ token: z.string() });
export type NewTokenAnswer = z.infer<typeof NewTokenAnswer>;

export const ClusterView = z.object({
  name: z.string(),
  region: z.string(),
  cluster: z.string(),
  accessKeyId: z.string().nullable(),
  /** Whether a secret is stored; it never comes out. */
  hasSecret: z.boolean(),
  endpoint: z.string().nullable(),
  launch: Facts,
  isActive: z.boolean(),
  updatedAt: Instant,
});
export type ClusterView = z.infer<typeof ClusterView>;
export const ClustersAnswer = z.object({ clusters: z.array(ClusterView) });
export type ClustersAnswer = z.infer<typeof ClustersAnswer>;

export const DoctorCheck = z.object({
  name: z.string(),
  outcome: z.enum(['ok', 'warning', 'failed']),
  /** One sentence with the values. */
  said: z.string(),
  /** What to do; null when there is nothing to do. */
  remedy: z.string().nullable(),
  tookMs: Count,
});
export type DoctorCheck = z.infer<typeof DoctorCheck>;
export const DoctorAnswer = z.object({ node: z.string(), version: z.string(), checks: z.array(DoctorCheck) });
export type DoctorAnswer = z.infer<typeof DoctorAnswer>;

/** An attempt with everything that is known of its life. */
export const AttemptDetail = AttemptView.extend({
  taskDefinition: z.string().nullable(),
  agentVersion: z.string().nullable(),
  launchedAt: Instant.nullable(),
  runningAt: Instant.nullable(),
  enrolledAt: Instant.nullable(),
  sshVerifiedAt: Instant.nullable(),
  agentSeenAt: Instant.nullable(),
  /** The last words of the witnesses, as they were kept. */
  ecsWitness: Facts.nullable(),
  sshWitness: Facts.nullable(),
});
export type AttemptDetail = z.infer<typeof AttemptDetail>;
export const AttemptsAnswer = z.object({ attempts: z.array(AttemptDetail) });
export type AttemptsAnswer = z.infer<typeof AttemptsAnswer>;

export const UsageSampleView = z.object({
  attempt: z.number().int().positive(),
  at: Instant,
  progress: z.number(),
  usage: Facts,
});
export type UsageSampleView = z.infer<typeof UsageSampleView>;
/** `total` as in the task's view; `samples` are the agents' heartbeats, oldest first. */
export const UsageAnswer = z.object({ total: UsageView.nullable(), samples: z.array(UsageSampleView) });
export type UsageAnswer = z.infer<typeof UsageAnswer>;

/** Something that reached the task from outside: a signal of its agent, or what somebody asked for. */
export const EventView = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('signal'),
    at: Instant,
    signal: z.string(),
    attempt: z.number().int().positive(),
    sequence: Count,
    /** When a step took it into the task's inbox, and when a state took it out of there. */
    usedAt: Instant.nullable(),
    consumedAt: Instant.nullable(),
  }),
  z.object({ kind: z.literal('request'), at: Instant, action: z.string(), by: z.string() }),
]);
export type EventView = z.infer<typeof EventView>;
export const EventsAnswer = z.object({ events: z.array(EventView) });
export type EventsAnswer = z.infer<typeof EventsAnswer>;

/** Who changed what; `detail` holds no secret. */
export const AuditEntry = z.object({
  id: z.number().int().positive(),
  at: Instant,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: Facts.nullable(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;
/** `nextCursor`: for the page of older ones; null when there are none. */
export const AuditPage = z.object({ entries: z.array(AuditEntry), nextCursor: z.string().nullable() });
export type AuditPage = z.infer<typeof AuditPage>;

/** Which master keys seal what; no key is in it, only the beginnings of their hashes. */
export const SecretsView = z.object({
  /** The key of the setting of the node that answered: what a rotation goes to. */
  target: z.string(),
  sealingWith: z.string().nullable(),
  keys: z.array(z.object({ id: z.string(), values: Count })),
  /** Those that live; null for what a node of the version before does not say. */
  nodes: z.array(
    z.object({
      name: z.string(),
      masterKeys: z.array(z.string()).nullable(),
      sealingWith: z.string().nullable(),
    }),
  ),
  /** What is missing until every other key can be removed. */
  waitingFor: z.array(z.string()),
  isDone: z.boolean(),
});
export type SecretsView = z.infer<typeof SecretsView>;
/** `rewrapped`: by this request. */
export const RotationAnswer = SecretsView.extend({ rewrapped: Count });
export type RotationAnswer = z.infer<typeof RotationAnswer>;
