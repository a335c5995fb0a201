import { z } from 'zod';
import { Fault } from '../../../shared/model/fault.ts';
import { Verdict } from '../../../shared/model/verdict.ts';
import { Instant } from '../view-fields.ts';

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
  /** Why it ended, once that is decided: one word, then whose fault, a sentence, and the facts behind it. */
  cause: z.string().nullable(),
  limits: LimitsView.nullable().default(null),
  /** What its three witnesses (agent, SSH, ECS) prove of it at this moment; null: there is no container. */
  verdict: Verdict.nullable().default(null),
  /** Usage of this container alone. */
  usage: UsageView.nullable().default(null),
  fault: Fault.nullable().default(null),
  sentence: z.string().nullable().default(null),
  remedy: z.string().nullable().default(null),
  evidence: z.array(z.string()).default([]),
  /** Why ECS has not accepted the last request to stop it, so that it still runs; null: no stop was requested, or ECS accepted it. */
  stopFailure: z.object({ since: Instant, at: Instant, sentence: z.string() }).nullable().default(null),
  /** What the container lacks because its image has no agent, in sentences without a full stop; null: the image has the agent. */
  legacy: z
    .object({ lacks: z.array(z.string()) })
    .nullable()
    .default(null),
});
export type TaskAttemptView = z.infer<typeof TaskAttemptView>;
