import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { OperationalError } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/support/clock.ts';
import type { Logger } from '../../shared/support/logger.ts';
import { LaunchSettings, placementOf, type EcsCluster } from '../ecs/cluster.ts';
import type { EcsConfig } from '../ecs/ecs-config.ts';
import type { EcsCallsOptions } from '../ecs/ecs-calls.ts';
import { openEcsClient, type EcsClient } from '../ecs/ecs-client.ts';
import { DESCRIBE_TASKS_ARNS } from '../ecs/quotas.ts';
import { createTaskDefinitionRegistry } from '../ecs/task-definition-registry.ts';
import { composeDefinition } from '../ecs/task-definition.ts';
import type { ClusterAccess, ClusterSet } from '../engine/engine-world.ts';
import type { EcsClusterStore, StoredCluster } from '../store/clusters/ecs-cluster-store.ts';
import {
  findDefinition,
  removeDefinition,
  saveDefinition,
  withDefinitionLock,
} from '../store/clusters/task-definitions.ts';
import type { Db } from '../store/schema.ts';

export interface ClusterSetOptions {
  readonly db: Db;
  readonly store: EcsClusterStore;
  readonly ecsConfig: EcsConfig;
  /** The agents' own budget for SIGTERM (config.ini, stop_budget). */
  readonly stopBudgetSeconds: number;
  readonly liveNodes: () => number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Told after each call; for metrics. */
  readonly onCall?: EcsCallsOptions['onCall'];
}

interface OpenCluster {
  /** The row it was opened from: another row is another client. */
  readonly row: string;
  readonly client: EcsClient;
  readonly access: ClusterAccess;
}

// A cluster's row changes when an operator saves it; a launch may use the old one for so long.
const ROW_AGE_MS = 5_000;

export interface OpenClusters extends ClusterSet {
  /** A harmless call to the cluster; throws what the call came to. */
  check(name: string): Promise<{ readonly status: string }>;
  /** The cluster that new containers go to, and whether it has an address of its own: local ECS, not Amazon's. */
  findActive(): Promise<{ readonly name: string; readonly isLocal: boolean }>;
  /** What each cluster that was opened may still be asked at once, by quota. */
  tokens(): Record<string, Readonly<Record<string, number>>>;
  close(): void;
}

/** The installation's clusters, each with one client that is kept while its row stays the same. */
export function createClusterSet(options: ClusterSetOptions): OpenClusters {
  const open = new Map<string, OpenCluster & { checkedMs: number }>();

  function openRow(stored: StoredCluster): OpenCluster {
    const cluster = clusterOf(stored);
    const client = openEcsClient({ ...options, cluster });
    return { row: rowOf(stored), client, access: accessOf(options, cluster, client) };
  }

  async function find(name: string): Promise<OpenCluster> {
    const nowMs = options.clock.monotonicMs();
    const known = open.get(name);
    if (known && nowMs - known.checkedMs < ROW_AGE_MS) return known;
    const stored = await options.store.load(name);
    if (known?.row === rowOf(stored)) {
      known.checkedMs = nowMs;
      return known;
    }
    // Calls under way on the old client end by themselves; closing it now would cut them off.
    const opened = openRow(stored);
    open.set(name, { ...opened, checkedMs: nowMs });
    return opened;
  }

  return {
    activeName: () => options.store.activeName(),
    open: async (name) => (await find(name)).access,
    check: async (name) => (await find(name)).client.check(),
    findActive: async () => {
      const { name, endpoint } = await options.store.active();
      return { name, isLocal: endpoint !== null };
    },
    tokens: () => Object.fromEntries([...open].map(([name, { client }]) => [name, client.tokens()])),
    close() {
      for (const { client } of open.values()) client.close();
    },
  };
}

function rowOf({ secretAccessKey, ...plain }: StoredCluster): string {
  return JSON.stringify([plain, secretAccessKey?.reveal() ?? null]);
}

function clusterOf(stored: StoredCluster): EcsCluster {
  if (stored.roleArn !== null) {
    // Going on with the node's own credentials would launch as somebody else than the operator has written down.
    throw new OperationalError('CONFIG_INVALID', {
      happened: `The cluster "${stored.name}" is to be used with the role ${stored.roleArn}, which is not supported yet`,
      remedy: 'Save it again without a role: with an access key, or with neither to use the credentials of the node',
    });
  }
  return {
    name: stored.name,
    region: stored.region,
    cluster: stored.cluster,
    launch: LaunchSettings.parse(stored.launch),
    ...(stored.accessKeyId ? { accessKeyId: stored.accessKeyId } : {}),
    ...(stored.secretAccessKey ? { secretAccessKey: stored.secretAccessKey.reveal() } : {}),
    ...(stored.endpoint ? { endpoint: stored.endpoint } : {}),
  };
}

function accessOf(options: ClusterSetOptions, cluster: EcsCluster, client: EcsClient): ClusterAccess {
  const { db, ecsConfig, stopBudgetSeconds, log } = options;
  const registry = createTaskDefinitionRegistry({
    findByHash: (key) => findDefinition(db, key),
    save: (row) => saveDefinition(db, row),
    remove: (arn) => removeDefinition(db, arn),
    exclusively: (family, work) => withDefinitionLock(db, family, work),
    // Checked by the schema of config.ecs.yml; the SDK's type only differs in how it writes optional fields.
    register: (definition) => client.registerTaskDefinition(definition as RegisterTaskDefinitionCommandInput),
    log,
  });
  return {
    ecs: client,
    cluster: cluster.cluster,
    placement: placementOf(cluster.launch),
    pinDefinition: ({ kind, group }) =>
      registry.pin(composeDefinition({ config: ecsConfig, kind, group, cluster, stopBudgetSeconds })),
    forgetDefinition: (arn) => registry.forget(arn),
    listRunning: async () => {
      const arns = await client.listTasks({ desiredStatus: 'RUNNING' });
      const found: { arn: string; startedBy: string }[] = [];
      for (let at = 0; at < arns.length; at += DESCRIBE_TASKS_ARNS) {
        for (const { taskArn, startedBy } of await client.describeTasks(arns.slice(at, at + DESCRIBE_TASKS_ARNS))) {
          if (taskArn) found.push({ arn: taskArn, startedBy: startedBy ?? '' });
        }
      }
      return found;
    },
  };
}
