import { z } from 'zod';
import { Fault } from '../../../shared/model/fault.ts';
import { Verdict } from '../../../shared/model/verdict.ts';
import { Instant } from '../view-fields.ts';

/** The usage of the task's containers, all attempts together. An unknown value is null, never 0. */
export const UsageView = z.object({
  wallSeconds: z.number().nullable().describe('Time that containers ran (s).'),
  cpuSeconds: z.number().nullable().describe('Processor time (s).'),
  memoryPeakBytes: z.number().nullable().describe('Most memory at once (bytes).'),
  diskWorkloadBytes: z.number().nullable().describe('Disk that the build uses (bytes).'),
  diskPeakBytes: z.number().nullable().describe('Most disk at once (bytes).'),
  outputBytes: z.number().nullable().describe('What processes wrote (bytes).'),
  outputOmittedBytes: z.number().nullable().describe('Lost on the way, or not kept.'),
});
export type UsageView = z.infer<typeof UsageView>;

/** The limits of one container. An unknown or absent limit is null. */
export const LimitsView = z.object({
  timeSeconds: z.number().nullable().describe('Longest life of the container (s).'),
  diskBytes: z.number().nullable().describe('Disk that the build may use (bytes).'),
  memoryBytes: z.number().nullable().describe('Memory (bytes).'),
  processors: z.number().nullable().describe('Processors; may be a part of one.'),
});
export type LimitsView = z.infer<typeof LimitsView>;

/** One container of the task. */
export const TaskAttemptView = z.object({
  number: z.number().int().positive().describe('Number of the container within the task, from 1.'),
  uuid: z.string().describe('UUID of the attempt.'),
  state: z.string().describe("The state of the attempt in the store's words: launching, running, stopped, void …"),
  cluster: z.string().nullable().describe('Name of the cluster in Wip.'),
  clusterReason: z.string().nullable().default(null).describe('Why it went to this cluster, as a clause.'),
  taskArn: z.string().nullable().describe('ARN of the task in ECS; null before ECS has answered.'),
  address: z.string().nullable().describe("`host:port` of the container's SSH, as ECS reports it."),
  createdAt: Instant.describe('When the launch was decided.'),
  readyAt: Instant.nullable().describe('When its agent said ready.'),
  endedAt: Instant.nullable().describe('When it was known to have ended.'),
  cause: z
    .string()
    .nullable()
    .describe('Why it ended, once that is decided: one word, then whose fault, a sentence, and the facts behind it.'),
  limits: LimitsView.nullable().default(null).describe('The limits of the container.'),
  verdict: Verdict.nullable()
    .default(null)
    .describe('What its three witnesses (agent, SSH, ECS) prove of it at this moment; null: there is no container.'),
  usage: UsageView.nullable().default(null).describe('Usage of this container alone.'),
  fault: Fault.nullable().default(null).describe('Whose doing its end was.'),
  sentence: z.string().nullable().default(null).describe('Why it ended, for people.'),
  remedy: z.string().nullable().default(null).describe('What to do about its end.'),
  evidence: z
    .array(z.string())
    .default([])
    .describe('The facts behind its end, in the words of ECS, of the agent and of the control plane.'),
  stopFailure: z
    .object({ since: Instant, at: Instant, sentence: z.string().describe('Why it ended, for people.') })
    .nullable()
    .default(null)
    .describe(
      'Why ECS has not accepted the last request to stop it, so that it still runs; null: no stop was requested, or ECS accepted it.',
    ),
  legacy: z
    .object({ lacks: z.array(z.string()) })
    .nullable()
    .default(null)
    .describe(
      'What the container lacks because its image has no agent, in sentences without a full stop; null: the image has the agent.',
    ),
});
export type TaskAttemptView = z.infer<typeof TaskAttemptView>;
