import type { Clock } from '../../shared/support/clock.ts';
import type { Logger } from '../../shared/support/logger.ts';
import type { EcsErrorClass, EcsLook } from '../containers/container.ts';
import type { LaunchLedger, RunTaskRequest } from '../containers/launch-ledger.ts';

/** What EcsContainer needs of one cluster; `openEcsClient` (ecs-client.ts) makes it. */
export interface ContainerEcs {
  /** Name of the row in `ecs_cluster`. */
  readonly clusterName: string;
  runTask(request: RunTaskRequest): Promise<RunTaskAnswer>;
  /** `fresh` skips answers that are shared for a few seconds. */
  describe(arn: string, freshness?: 'shared' | 'fresh'): Promise<EcsLook>;
  /** ARN of the ECS task that was started under this name, running or stopped; null when there is none. */
  findStartedBy(startedBy: string): Promise<string | null>;
  /** A task that has stopped or is not known is a success. */
  stopTask(arn: string, reason: string): Promise<void>;
}

export type RunTaskAnswer =
  | { readonly kind: 'started'; readonly arn: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'conflict'; readonly arns: readonly string[]; readonly sentence: string }
  | { readonly kind: 'error'; readonly error: EcsErrorClass; readonly name: string; readonly sentence: string };

/** The exact revision a launch is pinned to. */
export interface PinnedDefinition {
  readonly arn: string;
  /** The container whose environment is overridden: the build's. */
  readonly containerName: string;
}

/** Everything a new container is made of: `new EcsContainer(world)`. */
export interface EcsContainerWorld {
  readonly ecs: ContainerEcs;
  readonly ledger: LaunchLedger;
  /** Registers on change and answers the exact revision; see task-definition-registry.ts. */
  readonly pinDefinition: () => Promise<PinnedDefinition>;
  /** Parts of RunTask that the cluster decides: launch type, network, placement. */
  readonly placement: Readonly<Record<string, unknown>>;
  /** WORKLOAD_MAX_TIME (s) and WORKLOAD_MAX_DISK (GB), only when the task sets them. */
  readonly maxTimeSeconds?: number;
  readonly maxDiskGb?: number;
  readonly clock: Clock;
  readonly log: Logger;
}
