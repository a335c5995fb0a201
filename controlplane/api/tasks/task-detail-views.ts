import { z } from 'zod';
import { Count, Facts, Instant } from '../view-fields.ts';
import { TaskAttemptView, UsageView } from './attempt-views.ts';

/** An attempt with everything that is known of its life. */
export const AttemptDetail = TaskAttemptView.extend({
  taskDefinition: z.string().nullable().describe('ARN of the task definition that it was launched with.'),
  endpoint: z
    .string()
    .nullable()
    .default(null)
    .describe("Address of the ECS that it was launched with, where that is not Amazon's own for the region."),
  agentVersion: z.string().nullable().describe('Null before its agent has enrolled.'),
  sshHostKey: z
    .string()
    .nullable()
    .default(null)
    .describe('The public SSH host key that its agent enrolled with, as known_hosts has it: type and key.'),
  launchedAt: Instant.nullable().describe('When ECS accepted the launch.'),
  runningAt: Instant.nullable().describe('When ECS first said RUNNING.'),
  enrolledAt: Instant.nullable().describe('When its agent enrolled.'),
  sshVerifiedAt: Instant.nullable().describe('When SSH first led to its agent.'),
  agentSeenAt: Instant.nullable().describe('When its agent last reported.'),
  ecsSeenAt: Instant.nullable().default(null).describe('When ECS last described the container.'),
  sshProvenAt: Instant.nullable()
    .default(null)
    .describe('When its agent last answered over SSH with the expected host key.'),
  ecsWitness: Facts.nullable().describe('The last word of ECS, as it was stored; for operators.'),
  sshWitness: Facts.nullable().describe('The last word of SSH, as it was stored; for operators.'),
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
    usedAt: Instant.nullable().describe("When a step took the signal into the task's inbox."),
    consumedAt: Instant.nullable().describe('When a state took it out of there.'),
  }),
  z.object({ kind: z.literal('request'), at: Instant, action: z.string(), by: z.string() }),
]);
export type EventView = z.infer<typeof EventView>;
export const EventsAnswer = z.object({ events: z.array(EventView) });
export type EventsAnswer = z.infer<typeof EventsAnswer>;
