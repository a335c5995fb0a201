import type { EcsErrorClass, EcsSnapshot } from '../../containers/container.ts';
import type { RunTaskRequest } from '../../containers/launch-ledger.ts';

/** The calls about containers of one cluster; `openEcsClient` (ecs-client.ts) implements them. */
export interface EcsTaskApi {
  /** Name of the row in `ecs_cluster`. */
  readonly clusterName: string;
  runTask(request: RunTaskRequest): Promise<RunTaskAnswer>;
  /** `fresh` skips answers that are shared for a few seconds. */
  describe(arn: string, freshness?: 'shared' | 'fresh'): Promise<EcsSnapshot>;
  /** Returns the ARN of the ECS task that was started under this name, running or stopped; null when there is none. */
  findStartedBy(startedBy: string): Promise<string | null>;
  /** Succeeds for a task that has stopped or is not known. */
  stopTask(arn: string, reason: string): Promise<void>;
}

/** Why RunTask placed nothing: on one machine, or at all. */
export interface RunTaskFailure {
  readonly reason: string;
  readonly detail: string;
}

export type RunTaskAnswer =
  | { readonly kind: 'started'; readonly arn: string }
  /** ECS gives a failure for each machine that it has tried, so there may be hundreds; never none. */
  | { readonly kind: 'failed'; readonly failures: readonly RunTaskFailure[] }
  | { readonly kind: 'conflict'; readonly arns: readonly string[]; readonly sentence: string }
  | {
      readonly kind: 'error';
      readonly error: EcsErrorClass;
      readonly name: string;
      readonly sentence: string;
      /** Our names of the quotas that a throttled RunTask draws from. */
      readonly quotas?: readonly string[];
    };
