import { z } from 'zod';
import { Count, Facts, Instant } from '../view-fields.ts';
import { TaskAttemptView, UsageView } from './attempt-views.ts';

/** An attempt with everything that is known of its life. */
export const AttemptDetail = TaskAttemptView.extend({
  taskDefinition: z.string().nullable(),
  /** Address of the ECS that it was launched with, where that is not Amazon's own for the region. */
  endpoint: z.string().nullable().default(null),
  agentVersion: z.string().nullable(),
  /** The public SSH host key that its agent enrolled with, as known_hosts has it: type and key. */
  sshHostKey: z.string().nullable().default(null),
  launchedAt: Instant.nullable(),
  runningAt: Instant.nullable(),
  enrolledAt: Instant.nullable(),
  sshVerifiedAt: Instant.nullable(),
  agentSeenAt: Instant.nullable(),
  /** When ECS last described the container, and when its agent last answered over SSH with the expected host key. */
  ecsSeenAt: Instant.nullable().default(null),
  sshProvenAt: Instant.nullable().default(null),
  /** The last words of the witnesses, as they were stored; for operators. */
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
export const TaskUsageAnswer = z.object({ total: UsageView.nullable(), samples: z.array(UsageSampleView) });
export type TaskUsageAnswer = z.infer<typeof TaskUsageAnswer>;

/** Something that reached the task from outside: a signal of its agent, or what somebody asked for. */
export const EventView = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('signal'),
    at: Instant,
    signal: z.string(),
    attempt: z.number().int().positive(),
    sequence: Count,
    /** `usedAt`: when a step took the signal into the task's inbox; `consumedAt`: when a state took it out. */
    usedAt: Instant.nullable(),
    consumedAt: Instant.nullable(),
  }),
  z.object({ kind: z.literal('request'), at: Instant, action: z.string(), by: z.string() }),
]);
export type EventView = z.infer<typeof EventView>;
export const EventsAnswer = z.object({ events: z.array(EventView) });
export type EventsAnswer = z.infer<typeof EventsAnswer>;
