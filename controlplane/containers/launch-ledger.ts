import { z } from 'zod';
import type { LaunchOutcome } from './container.ts';

/** The new random values of one attempt. The builder of its request gets them once. */
export interface LaunchIdentity {
  readonly taskId: number;
  readonly attemptNumber: number;
  readonly attemptUuid: string;
  readonly signalUrl: string;
  readonly signalBody: object;
  /** `<user>:<secret>` of HTTP Basic, for an image without an agent. */
  readonly signalUser: string;
  /** Public half of the key with which the control plane logs in, for an image without an agent. */
  readonly sshPublicKey: string;
  readonly enrolUrl: string;
  /** `<attempt uuid>.<secret>` */
  readonly enrolToken: string;
  /** Made by `startedByOf`. */
  readonly startedBy: string;
  /** W3C Trace Context, for the build's own spans; null: no traces are made. */
  readonly traceparent: string | null;
}

const Pair = z.strictObject({ name: z.string(), value: z.string() });

/** The RunTask request: plain JSON of the SDK's input, sent byte for byte the same each time. */
export const RunTaskRequest = z.looseObject({
  cluster: z.string().min(1),
  taskDefinition: z.string().min(1),
  clientToken: z.string().min(1).max(64),
  startedBy: z.string().min(1).max(128),
  count: z.literal(1),
  overrides: z.looseObject({
    // Loose: sizes of the container may stand there too.
    containerOverrides: z.array(z.looseObject({ name: z.string(), environment: z.array(Pair) })),
  }),
  tags: z.array(z.strictObject({ key: z.string(), value: z.string() })),
});
export type RunTaskRequest = z.infer<typeof RunTaskRequest>;

/** The stored form of one launch. It is parsed with this schema when it is read back. */
export const LaunchRequest = z.strictObject({
  /** The name of the cluster's row in `ecs_cluster`. */
  cluster: z.string().min(1),
  runTask: RunTaskRequest,
  /** Overrides that travel over the agent API after the SSH check; the ledger seals them. */
  secureOverrides: z.record(z.string(), z.string()),
  createdAt: z.iso.datetime({ offset: true }),
});
export type LaunchRequest = z.infer<typeof LaunchRequest>;

/** The variable that only a container without an agent gets. */
export const SIGNAL_USER = 'SIGNAL_USER';

/** Returns whether the container of this launch has no agent. */
export function isLegacyLaunch({ runTask }: LaunchRequest): boolean {
  return runTask.overrides.containerOverrides.some(({ environment }) =>
    environment.some(({ name }) => name === SIGNAL_USER),
  );
}

/** One launch as the ledger holds it. */
export interface LaunchEntry<Target> {
  readonly request: LaunchRequest;
  /** The outcome; null while it is unknown, in which case the request is sent (again). */
  readonly outcome: LaunchOutcome | null;
  /** The cluster of the attempt. Its request is sent to no other one. */
  readonly target: Target;
}

/** Makes a launch crash-exact; implemented by the engine on the store. */
export interface LaunchLedger<Target> {
  /**
   * Commits the attempt with its final request before anything is sent. A repetition of the same effect returns the
   * stored request and its cluster, and builds nothing.
   */
  intend(build: (identity: LaunchIdentity, target: Target) => Promise<LaunchRequest>): Promise<LaunchEntry<Target>>;
  settle(outcome: LaunchOutcome): Promise<void>;
}
