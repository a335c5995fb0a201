import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import type { Clock } from '../../shared/support/clock.ts';
import type { Logger } from '../../shared/support/logger.ts';
import { LaunchSettings, placementOf, type EcsCluster } from '../ecs/cluster.ts';
import { ConnectionSettings, endpointOf } from '../ecs/aws-connection.ts';
import type { CleanedRegistry } from '../node/clean-definitions.ts';
import type { EcsConfig } from '../ecs/ecs-config.ts';
import type { EcsCallsOptions, QuotaStates } from '../ecs/ecs-calls.ts';
import type { ClusterFinding } from '../ecs/cluster-finding.ts';
import type { NamedQueue } from '../ecs/event-queue.ts';
import { findLogStream } from '../ecs/log-tail.ts';
import { openEcsClient, type EcsClient } from '../ecs/ecs-client.ts';
import type { NodeProxy } from '../ecs/proxy.ts';
import type { QuotaOverride } from '../ecs/quota-overrides.ts';
import { createSharedQuotas, type QuotaUser } from '../ecs/shared-quotas.ts';
import { createTaskDefinitionRegistry } from '../ecs/task-definition-registry.ts';
import { composeDefinition, findMisfitsOfAll, listLaunched, type Misfit } from '../ecs/task-definition.ts';
import { accountOf, callerOf, ClusterLocation, credentialOf, locationKey } from '../ecs/cluster-location.ts';
import type { ClusterAccess, ClusterSet, KnownCluster } from '../engine/engine-deps.ts';
import { listLaunchLocations, type AttemptCluster } from '../store/attempts/find-attempt.ts';
import { listClusters } from '../store/clusters/list-clusters.ts';
import type { EcsClusterStore, StoredCluster } from '../store/clusters/ecs-cluster-store.ts';
import {
  findDefinition,
  readDefinition,
  removeDefinition,
  saveDefinition,
  withDefinitionLock,
} from '../store/clusters/task-definitions.ts';
import type { Db } from '../store/schema.ts';
import { findGroupClusters } from '../store/settings/groups.ts';
import { createAccountFinder } from './account-finder.ts';
import { decideCandidates } from './decide-candidates.ts';
import { createAttemptOpener, type OpenCluster } from './open-attempt.ts';

export interface ClusterSetOptions {
  readonly db: Db;
  readonly store: EcsClusterStore;
  readonly ecsConfig: EcsConfig;
  /** The agents' own budget for SIGTERM (config.ini, stop_budget). */
  readonly stopBudgetSeconds: number;
  readonly liveNodes: () => number;
  /** Rates of accounts that differ from the published ones. */
  readonly quotaOverrides?: readonly QuotaOverride[];
  /** The proxy of the node; none when absent. */
  readonly proxy?: NodeProxy;
  /** Name of the sessions in which roles are used. */
  readonly sessionName?: () => string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Called after each call of ECS; for metrics. */
  readonly onCall?: EcsCallsOptions['onCall'];
}

// An operator may change the row of a cluster at any time; a launch may use the old one for so long.
const ROW_AGE_MS = 5_000;

export interface OpenClusters extends ClusterSet {
  /** Makes a harmless call to the cluster. Throws the error of the call. */
  check(name: string): Promise<{ readonly status: string }>;
  /**
   * Returns the cluster that new containers go to. It is local when it has an endpoint of its own: local ECS, not
   * Amazon's.
   */
  findActive(): Promise<{ readonly name: string; readonly isLocal: boolean }>;
  /** Returns the state of the quotas of each opened cluster. Clusters of one account and region share them. */
  readQuotas(): Readonly<Record<string, QuotaStates>>;
  /** The queues of events that rows of clusters name, each once. */
  listEventQueues(): Promise<readonly NamedQueue[]>;
  /** Checks what launches into the cluster need, with calls that change nothing. Throws CLUSTER_UNKNOWN. */
  examine(name: string): Promise<readonly ClusterFinding[]>;
  /** Returns where task definitions are registered, once for each row. */
  listRegistries(): Promise<readonly CleanedRegistry[]>;
  /** Returns what in the configuration keeps any kind of task from being launched into a cluster. */
  findMisfits(cluster: Pick<EcsCluster, 'name' | 'region' | 'cluster' | 'launch'>): readonly Misfit[];
  close(): void;
}

/** The installation's clusters, each with one client that is kept while its row stays the same. */
export function createClusterSet(options: ClusterSetOptions): OpenClusters {
  const { db, store, clock } = options;
  const clients = new Map<string, OpenCluster>();
  const rows = new Map<string, { readonly opened: OpenCluster; readonly checkedMs: number }>();
  const quotas = createSharedQuotas({ ...options, overrides: options.quotaOverrides ?? [] });
  const learnAccount = createAccountFinder({ ...options, quotas });

  /** The client of an earlier row is not closed: that would cut off the calls under way, which end by themselves. */
  function openRow(stored: StoredCluster): OpenCluster {
    const row = rowOf(stored);
    const known = clients.get(row);
    if (known) return known;
    const cluster = clusterOf(stored);
    const user = quotaUserOf(stored);
    const client = openEcsClient({
      ...options,
      cluster,
      quotas: quotas.of(user),
      onCall: (call) => {
        options.onCall?.(call);
        if (call.outcome === 'ok') void learnAccount(user.identity, () => client.findAccount());
      },
    });
    const opened = { row, client, access: accessOf(options, cluster, client) };
    clients.set(row, opened);
    return opened;
  }

  async function find(name: string): Promise<OpenCluster> {
    const nowMs = clock.monotonicMs();
    const known = rows.get(name);
    if (known && nowMs - known.checkedMs < ROW_AGE_MS) return known.opened;
    const opened = openRow(await store.load(name));
    rows.set(name, { opened, checkedMs: nowMs });
    return opened;
  }

  const openOf = createAttemptOpener({
    listLocations: async () => (await listClusters(db)).map((row) => ({ ...locationOf(row), name: row.name })),
    openRow: find,
    openAt: async (name, { region, cluster, endpoint }) =>
      openRow({ ...(await store.load(name)), region, cluster, endpoint }),
    clock,
    ageMs: ROW_AGE_MS,
  });

  return {
    openActive: async () => (await find(await store.activeName())).access,
    listCandidates: async ({ group, clusters }) => {
      const [stored, active, ofGroup] = await Promise.all([
        listClusters(db),
        store.activeName(),
        findGroupClusters(db, group),
      ]);
      const fallbacks = new Map(stored.map(({ name, fallback }) => [name, fallback]));
      const choices = decideCandidates({ ofTask: clusters, group, ofGroup, active, fallbacks });
      return choices.map((choice) => ({ ...choice, open: async () => (await find(choice.name)).access }));
    },
    openOf: async (attempt) => (await openOf(attempt)).access,
    list: () => listKnown(db, { openRow: find, openOf }),
    check: async (name) => (await find(name)).client.check(),
    findActive: async () => {
      const { name, endpoint } = await store.active();
      return { name, isLocal: endpoint !== null };
    },
    readQuotas: () => Object.fromEntries([...rows].map(([name, { opened }]) => [name, opened.client.readQuotas()])),
    listEventQueues: () => listQueues(db, find),
    examine: async (name) => examineOpened(options, (await find(name)).client),
    listRegistries: async () =>
      (await listClusters(db)).map((row) => ({
        endpoint: row.endpoint ?? '',
        caller: callerOf(row),
        region: row.region,
        open: async () => (await find(row.name)).client,
      })),
    findMisfits: (cluster) => findMisfitsOfAll({ ...options, config: options.ecsConfig, cluster }),
    close() {
      for (const { client } of clients.values()) client.close();
    },
  };
}

async function listQueues(db: Db, open: (name: string) => Promise<OpenCluster>): Promise<readonly NamedQueue[]> {
  const queues = new Map<string, NamedQueue>();
  for (const row of await listClusters(db)) {
    // Most rows have none, and are not opened for it.
    if (typeof row.connection['eventsQueue'] !== 'string') continue;
    const { events } = (await open(row.name)).client;
    if (events) queues.set(events.url, events);
  }
  return [...queues.values()];
}

async function examineOpened(options: ClusterSetOptions, client: EcsClient): Promise<readonly ClusterFinding[]> {
  const parts = { ...options, config: options.ecsConfig, cluster: client.cluster };
  const misfits = findMisfitsOfAll(parts).map(({ where, sentence, remedy }): ClusterFinding => ({
    name: 'definition',
    outcome: 'failed',
    said: `${where}: ${sentence}`,
    remedy: `${remedy}.`,
  }));
  return [...(await client.examine(listLaunched(parts))), ...misfits];
}

/**
 * Returns the clusters of the rows, and those that earlier rows named when containers were launched that may still run.
 */
async function listKnown(
  db: Db,
  open: {
    readonly openRow: (name: string) => Promise<OpenCluster>;
    readonly openOf: (attempt: AttemptCluster) => Promise<OpenCluster>;
  },
): Promise<KnownCluster[]> {
  const known = new Map<string, KnownCluster>();
  for (const row of await listClusters(db)) {
    const key = locationKey(locationOf(row));
    if (known.has(key)) continue;
    known.set(key, { name: row.name, open: async () => (await open.openRow(row.name)).access });
  }
  for (const attempt of await listLaunchLocations(db)) {
    const key = locationKey(ClusterLocation.parse(attempt.location));
    if (known.has(key)) continue;
    known.set(key, { name: attempt.cluster, open: async () => (await open.openOf(attempt)).access });
  }
  return [...known.values()];
}

function locationOf({ region, cluster, endpoint, accessKeyId, roleArn }: ClusterLocation): ClusterLocation {
  return { region, cluster, endpoint, accessKeyId, roleArn };
}

/** Whose quotas the calls of a row count against. Only this account can use its role, or a cluster named by its ARN. */
function quotaUserOf(stored: StoredCluster): QuotaUser {
  const { region, cluster, endpoint, accessKeyId, roleArn } = stored;
  const ec2Endpoint = endpointOf('ec2', clusterOf(stored));
  return {
    identity: credentialOf({ accessKeyId, roleArn }),
    account: accountOf(roleArn) ?? accountOf(cluster),
    region,
    endpoint,
    ec2Endpoint,
  };
}

function rowOf({ secretAccessKey, sessionToken, ...plain }: StoredCluster): string {
  return JSON.stringify([plain, secretAccessKey?.reveal() ?? null, sessionToken?.reveal() ?? null]);
}

function clusterOf(stored: StoredCluster): EcsCluster {
  const { name, region, cluster, accessKeyId, secretAccessKey, sessionToken, roleArn, externalId, endpoint } = stored;
  return {
    name,
    region,
    cluster,
    launch: LaunchSettings.parse(stored.launch),
    connection: ConnectionSettings.parse(stored.connection ?? {}),
    ...(accessKeyId ? { accessKeyId } : {}),
    ...(secretAccessKey ? { secretAccessKey: secretAccessKey.reveal() } : {}),
    ...(sessionToken ? { sessionToken: sessionToken.reveal() } : {}),
    ...(roleArn ? { roleArn } : {}),
    ...(externalId ? { externalId } : {}),
    ...(endpoint ? { endpoint } : {}),
  };
}

function accessOf(options: ClusterSetOptions, cluster: EcsCluster, client: EcsClient): ClusterAccess {
  const { db, ecsConfig, stopBudgetSeconds, log } = options;
  const location = {
    region: cluster.region,
    cluster: cluster.cluster,
    endpoint: cluster.endpoint ?? null,
    accessKeyId: cluster.accessKeyId ?? null,
    roleArn: cluster.roleArn ?? null,
  };
  const scope = { endpoint: location.endpoint ?? '', caller: callerOf(location) };
  const registry = createTaskDefinitionRegistry({
    scope,
    findByHash: (key) => findDefinition(db, key),
    save: (row) => saveDefinition(db, row),
    remove: (scope, arn) => removeDefinition(db, scope, arn),
    exclusively: (family, work) => withDefinitionLock(db, family, work),
    // Checked by the schema of config.ecs.yml; the SDK's type only differs in how it writes optional fields.
    register: (definition) => client.registerTaskDefinition(definition as RegisterTaskDefinitionCommandInput),
    log,
  });
  return {
    ecs: client,
    name: cluster.name,
    location,
    cluster: cluster.cluster,
    placement: placementOf(cluster.launch),
    pinDefinition: ({ kind, group }) =>
      registry.pin(composeDefinition({ config: ecsConfig, kind, group, cluster, stopBudgetSeconds })),
    forgetDefinition: (arn) => registry.forget(arn),
    listRunning: () => client.listRunning(),
    async readLogTail(taskArn, definitionArn) {
      const stream = findLogStream(await readDefinition(db, scope, definitionArn), taskArn);
      const text = stream && (await client.logTail.read(stream));
      return stream && text !== null ? { name: `${stream.group}/${stream.stream}`, text } : null;
    },
    countInstances: async () => (await client.check()).instances,
  };
}
