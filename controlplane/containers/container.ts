import { z } from 'zod';
import type { Fault } from '../../shared/model/fault.ts';
import type { ContainerOverride } from '../../shared/protocol/overrides.ts';

/** The states of an ECS task, in ECS's words and order (Amazon ECS developer guide, "Task lifecycle"). */
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

/** Why a call to ECS gave no answer about the thing asked for. It is never a fact about a container. */
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

/** The address at which the control plane reaches the container's SSH port. */
export interface ContainerAddress {
  readonly host: string;
  readonly port: number;
}

/** A container beside the build's that has ended, or of which ECS says something. */
export interface EndedContainer {
  readonly name: string;
  readonly exitCode: number | null;
  readonly reason: string | null;
}

/** A container as ECS describes it: plain JSON that can be stored unchanged. Times are ISO 8601. */
export interface EcsSeen {
  readonly kind: 'seen';
  /** The time of ECS's answer. */
  readonly at: string;
  readonly arn: string;
  readonly lastStatus: EcsStatus;
  /** The state that ECS brings the task to: RUNNING or STOPPED. */
  readonly desiredStatus: EcsStatus;
  readonly stopCode: string | null;
  readonly stoppedReason: string | null;
  /** `reason` and `exitCode` of the build's container. A missing exit code is null, never 0. */
  readonly containerReason: string | null;
  /** Null as well while ECS does not say that the task ends. */
  readonly exitCode: number | null;
  /** The other ended containers of the same task; absent when there are none. */
  readonly others?: readonly EndedContainer[];
  /** The address that ECS reports for the container's SSH port; null while ECS reports none. */
  readonly address: ContainerAddress | null;
  readonly containerInstanceArn: string | null;
  /** The memory limit of the build's container, else of the whole task; absent in records of earlier versions. */
  readonly memoryLimitBytes?: number | null;
  /** Processors of the whole task, where they are a limit: on Fargate. Absent in records of earlier versions. */
  readonly processors?: number | null;
  readonly createdAt: string | null;
  /** When ECS began and ended to pull the images; absent in records of earlier versions. */
  readonly pullStartedAt?: string | null;
  readonly pullStoppedAt?: string | null;
  readonly startedAt: string | null;
  readonly stoppedAt: string | null;
}

/** The last answer of ECS about one container. `missing`: ECS does not know it. `unknown`: ECS did not answer. */
export type EcsSnapshot =
  | EcsSeen
  | { readonly kind: 'missing'; readonly at: string }
  | { readonly kind: 'unknown'; readonly at: string; readonly error: EcsErrorClass; readonly sentence: string };

/**
 * The outcome of a launch. Only `launched` counts as an attempt. `no_resources`: the cluster is full, so wait.
 * `refused`: ECS rejects the request as it is. `no_information`: the outcome is unknown, or the configuration of the
 * cluster must be corrected; it is never the build's failure. Sentences have no full stop at their end. Records of
 * earlier versions lack the optional fields.
 */
export type LaunchOutcome =
  /** `reason`: why it is not in the first of its clusters, as a clause. */
  | { readonly kind: 'launched'; readonly arn: string; readonly reason?: string }
  | {
      readonly kind: 'no_resources';
      readonly cause: string;
      readonly sentence: string;
      readonly remedy?: string;
      readonly evidence?: readonly string[];
      readonly fault?: Fault;
    }
  | {
      readonly kind: 'refused';
      readonly cause: string;
      readonly sentence: string;
      readonly remedy: string;
      readonly evidence?: readonly string[];
      readonly fault?: Fault;
      /** Whether a new attempt can help. */
      readonly retry?: 'launch-again' | 'never';
    }
  | {
      readonly kind: 'no_information';
      readonly cause: string;
      readonly sentence: string;
      readonly remedy?: string;
      readonly evidence?: readonly string[];
      /** `configuration`: somebody must correct the cluster. */
      readonly fault?: Fault;
    };

/** One container attempt of a task. Set overrides first, then call `run` once; a new attempt is a new object. */
export interface ContainerInterface {
  /**
   * Sets a variable of the container; of two values the last counts. Throws OVERRIDE_AFTER_RUN once `run` was called,
   * OVERRIDE_INVALID for a name or value that may not be set.
   */
  addContainerOverride(key: string, value: string, secure?: boolean): void;
  overrides(): readonly ContainerOverride[];
  run(): Promise<LaunchOutcome>;
  status(): Promise<EcsSnapshot>;
  /** Returns the `desiredStatus` of the container in ECS; null when ECS reported none. */
  nextStatus(): Promise<EcsStatus | null>;
  /** Returns whether the container has ever been RUNNING. */
  hasStarted(): Promise<boolean>;
  hasStopped(): Promise<boolean>;
  /** Returns whether the container was not launched, or stopped without having run. */
  launchFailed(): Promise<boolean>;
  address(): Promise<ContainerAddress | null>;
  /** Stops the container. One that has stopped or never existed is a success. ECS shows the reason. */
  kill(reason: string): Promise<void>;
}
