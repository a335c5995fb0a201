import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { EcsCluster } from '../config/cluster.ts';
import type { EcsCalls } from '../client/ecs-calls.ts';

/** One line of `wipctl ecs check`. `unchecked`: no harmless call can tell. */
export interface ClusterFinding {
  readonly name: string;
  readonly outcome: 'ok' | 'warning' | 'failed' | 'unchecked';
  /** One sentence with the values. */
  readonly message: string;
  readonly remedy: string | null;
}

/** What would be launched into the cluster, as the configuration has it. */
export interface LaunchedThere {
  readonly images: readonly string[];
  /** Whether the definition names roles that ECS has to hand on. */
  readonly hasRoles: boolean;
  /** MiB that a machine must have left for the largest task, all its containers together; null: none says. */
  readonly memory: number | null;
}

export interface ExaminedParts {
  readonly cluster: EcsCluster;
  readonly ecs: ECSClient;
  readonly calls: EcsCalls;
  /** The client of EC2, which is opened when it is first needed. */
  readonly ec2: () => Promise<EC2Client>;
  /** Asks STS whose credentials these are; null when the cluster has no STS. */
  readonly findAccount: () => Promise<string | null>;
  readonly check: () => Promise<{ readonly arn: string | null }>;
}

export function unchecked(name: string, message: string): ClusterFinding {
  return { name, outcome: 'unchecked', message, remedy: null };
}
