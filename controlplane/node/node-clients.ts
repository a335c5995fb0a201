import type { Clock } from '../../shared/time/clock.ts';
import type { Logger } from '../../shared/system/logger.ts';
import { createClusterSet, type ClusterSetOptions, type OpenClusters } from '../clusters/cluster-set.ts';
import type { ControlPlaneConfig } from '../config-fields.ts';
import { parseQuotaOverrides } from '../ecs/client/quota-overrides.ts';
import type { EcsConfig } from '../ecs/config/ecs-config.ts';
import type { MasterKeys } from '../keys/master-keys.ts';
import { connectAgent } from '../ssh/agent-client.ts';
import { createAgentPool, type AgentPool } from '../ssh/agent-pool.ts';
import { connectLegacy } from '../ssh/legacy/legacy-client.ts';
import { EcsClusterStore } from '../store/clusters/ecs-cluster-store.ts';
import type { Db } from '../store/schema.ts';
import type { Closers } from './closers.ts';

export interface NodeClients {
  readonly clusterStore: EcsClusterStore;
  readonly clusters: OpenClusters;
  readonly agents: AgentPool;
  /** Called with the number of nodes that share the quotas of ECS. */
  readonly setLiveNodes: (count: number) => void;
}

export interface NodeClientsOptions {
  readonly db: Db;
  readonly masterKeys: MasterKeys;
  readonly ecsConfig: EcsConfig;
  readonly config: Pick<ControlPlaneConfig, 'ecs_quotas' | 'https_proxy' | 'no_proxy'>;
  /** Name of the sessions in which this node uses roles. */
  readonly sessionName: () => string;
  readonly onEcsCall: NonNullable<ClusterSetOptions['onCall']>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

// Few of thousands of containers are called at once. A connection costs a socket and some 100 kB.
const MAX_AGENT_CONNECTIONS = 256;
const AGENT_IDLE_MS = 60_000;
// The agents' default stop_budget (config.ini): task definitions must leave it that much time.
export const STOP_BUDGET_SECONDS = 50;

/** Makes the clients of ECS and of the agents. They connect when they are first used. */
export function openNodeClients(options: NodeClientsOptions, closers: Closers): NodeClients {
  const { db, masterKeys, ecsConfig, onEcsCall, clock } = options;
  const clusterStore = new EcsClusterStore(db, masterKeys);
  let liveNodes = 1;
  const clusters = createClusterSet({
    ...options,
    db,
    store: clusterStore,
    ecsConfig,
    stopBudgetSeconds: STOP_BUDGET_SECONDS,
    liveNodes: () => liveNodes,
    proxy: { url: options.config.https_proxy ?? null, except: options.config.no_proxy },
    quotaOverrides: parseQuotaOverrides(options.config.ecs_quotas),
    onCall: onEcsCall,
  });
  closers.add('clusters', () => clusters.close());
  const agents = createAgentPool({
    connect: (endpoint) =>
      endpoint.legacyDirectory === undefined
        ? connectAgent(endpoint)
        : connectLegacy(endpoint, endpoint.legacyDirectory),
    maxConnections: MAX_AGENT_CONNECTIONS,
    idleMs: AGENT_IDLE_MS,
    clock,
  });
  closers.add('connections to agents', () => agents.close());
  return { clusterStore, clusters, agents, setLiveNodes: (count) => (liveNodes = count) };
}
