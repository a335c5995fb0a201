import { z } from 'zod';
import type { LaunchOutcome } from './container.ts';

/** What is new and random in one attempt. Handed to the builder of its request, and never asked for again. */
export interface LaunchIdentity {
  readonly taskId: number;
  readonly attemptNumber: number;
  readonly attemptUuid: string;
  readonly signalUrl: string;
  readonly signalBody: object;
  readonly enrolUrl: string;
  /** `<attempt uuid>.<secret>` */
  readonly enrolToken: string;
  /** `wip/<installation id>/<task>/<attempt>` */
  readonly startedBy: string;
}

const Pair = z.strictObject({ name: z.string(), value: z.string() });

/** RunTask as it is sent, byte for byte, each time: plain JSON of the SDK's input. */
export const RunTaskRequest = z.looseObject({
  cluster: z.string().min(1),
  taskDefinition: z.string().min(1),
  clientToken: z.string().min(1).max(64),
  startedBy: z.string().min(1).max(128),
  count: z.literal(1),
  overrides: z.strictObject({
    containerOverrides: z.array(z.strictObject({ name: z.string(), environment: z.array(Pair) })),
  }),
  tags: z.array(z.strictObject({ key: z.string(), value: z.string() })),
});
export type RunTaskRequest = z.infer<typeof RunTaskRequest>;

/** What the ledger keeps of one launch. Parsed with this when it is read back. */
export const LaunchRequest = z.strictObject({
  /** Name of the row in `ecs_cluster`. */
  cluster: z.string().min(1),
  runTask: RunTaskRequest,
  /** Travel over the agent API after the SSH check; the ledger seals them. */
  secureOverrides: z.record(z.string(), z.string()),
  createdAt: z.iso.datetime({ offset: true }),
});
export type LaunchRequest = z.infer<typeof LaunchRequest>;

/** One launch as it was intended. */
export interface LaunchEntry<Target> {
  readonly request: LaunchRequest;
  /** null: it is not known what became of the launch, so the request is sent (again). */
  readonly outcome: LaunchOutcome | null;
  /** The cluster of the attempt: the only one that its request is ever sent to. */
  readonly target: Target;
}

/** Makes a launch crash-exact; implemented by the engine on the store. */
export interface LaunchLedger<Target> {
  /**
   * Commits the attempt with its final request before anything is sent. A repeat of the same effect answers the stored
   * request and the cluster that it was built for, and builds nothing.
   */
  intend(build: (identity: LaunchIdentity, target: Target) => Promise<LaunchRequest>): Promise<LaunchEntry<Target>>;
  settle(outcome: LaunchOutcome): Promise<void>;
}
