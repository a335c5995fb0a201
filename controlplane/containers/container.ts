import { z } from 'zod';
import type { ContainerOverride } from '../../shared/protocol/overrides.ts';

/** The life of an ECS task, in ECS's own words and order (Amazon ECS developer guide, "Task lifecycle"). */
export const ECS_STATUSES = [
  'PROVISIONING',
  'PENDING',
  'ACTIVATING',
  'RUNNING',
  'DEACTIVATING',
  'STOPPING',
  'DEPROVISIONING',
  'STOPPED',
  'DELETED',
] as const;
export const EcsStatus = z.enum(ECS_STATUSES);
export type EcsStatus = z.infer<typeof EcsStatus>;

/** Why a call to ECS brought no answer about the thing asked for; never a fact about a container. */
export const EcsErrorClass = z.enum([
  'throttled',
  'access-denied',
  'credentials-expired',
  'cluster-missing',
  'invalid',
  'conflict',
  'unavailable',
]);
export type EcsErrorClass = z.infer<typeof EcsErrorClass>;

/** Where the container's SSH port can be reached from the control plane. */
export interface ContainerAddress {
  readonly host: string;
  readonly port: number;
}

/** A container as ECS describes it. Plain JSON (times are ISO 8601), so that it is stored as it is. */
export interface EcsSeen {
  readonly kind: 'seen';
  /** When ECS answered. */
  readonly at: string;
  readonly arn: string;
  readonly lastStatus: EcsStatus;
  /** Where ECS is taking it: RUNNING or STOPPED. */
  readonly desiredStatus: EcsStatus;
  readonly stopCode: string | null;
  readonly stoppedReason: string | null;
  /** `reason` and `exitCode` of the build's container. A missing exit code is null and never 0. */
  readonly containerReason: string | null;
  readonly exitCode: number | null;
  /** Reported by ECS for the container's SSH port; null while ECS does not know it. */
  readonly address: ContainerAddress | null;
  readonly containerInstanceArn: string | null;
  readonly createdAt: string | null;
  readonly startedAt: string | null;
  readonly stoppedAt: string | null;
}

/** What ECS last said of one container. `missing`: ECS answered and does not know it. `unknown`: ECS did not answer. */
export type EcsLook =
  | EcsSeen
  | { readonly kind: 'missing'; readonly at: string }
  | { readonly kind: 'unknown'; readonly at: string; readonly error: EcsErrorClass; readonly sentence: string };

/**
 * What became of a launch. Only `launched` counts as an attempt. `no_resources`: the cluster is full, wait.
 * `refused`: ECS will not do this as it stands. `no_information`: it is unknown or the cluster's configuration
 * must be put right; never the build's failure.
 */
export type LaunchOutcome =
  | { readonly kind: 'launched'; readonly arn: string }
  | { readonly kind: 'no_resources'; readonly cause: string; readonly sentence: string }
  | { readonly kind: 'refused'; readonly cause: string; readonly sentence: string; readonly remedy: string }
  | { readonly kind: 'no_information'; readonly cause: string; readonly sentence: string };

/** One container attempt of a task. Overrides first, then `run` once; a new attempt is a new object. */
export interface ContainerInterface {
  /** Throws OVERRIDE_AFTER_RUN once `run` was called, OVERRIDE_INVALID for what may not be set. The last value wins. */
  addContainerOverride(key: string, value: string, secure?: boolean): void;
  overrides(): readonly ContainerOverride[];
  run(): Promise<LaunchOutcome>;
  status(): Promise<EcsLook>;
  /** Where ECS is taking the container (`desiredStatus`); null when it did not say. */
  nextStatus(): Promise<EcsStatus | null>;
  /** Whether it has ever been RUNNING. */
  hasStarted(): Promise<boolean>;
  hasStopped(): Promise<boolean>;
  /** Whether it was not launched, or stopped without ever having run. */
  launchFailed(): Promise<boolean>;
  address(): Promise<ContainerAddress | null>;
  /** Stops it; one that has stopped already, or never was, is a success. The reason is shown by ECS. */
  kill(reason: string): Promise<void>;
}
