import type { Clock } from '../../shared/time/clock.ts';
import type { Logger } from '../../shared/system/logger.ts';
import type { EcsCluster } from '../ecs/config/cluster.ts';
import type { CleanedRegistry } from '../node/clean-definitions.ts';
import type { EcsConfig } from '../ecs/config/ecs-config.ts';
import type { EcsCallsOptions, QuotaStates } from '../ecs/client/ecs-calls.ts';
import type { ClusterFinding } from '../ecs/examine/cluster-finding.ts';
import type { NamedQueue } from '../ecs/client/event-queue.ts';
import { openEcsClient, type EcsClient } from '../ecs/client/ecs-client.ts';
import type { NodeProxy } from '../ecs/client/proxy.ts';
import type { QuotaOverride } from '../ecs/client/quota-overrides.ts';
import { createSharedQuotas } from '../ecs/client/shared-quotas.ts';
import { findLaunchConflictsOfAll, listLaunched, type LaunchConflict } from '../ecs/definition/task-definition.ts';
import { callerOf, ClusterLocation, locationKey } from '../ecs/config/cluster-location.ts';
import type { ClusterSet, KnownCluster } from '../engine/engine-deps.ts';
import { listLaunchLocations, type AttemptCluster } from '../store/attempts/find-attempt.ts';
import { listClusters } from '../store/clusters/list-clusters.ts';
import type { EcsClusterStore, StoredCluster } from '../store/clusters/ecs-cluster-store.ts';
import type { Db } from '../store/schema.ts';
import { findGroupClusters } from '../store/settings/groups.ts';
import { createAccountFinder } from './account-finder.ts';
import { createClusterAccess } from './cluster-access.ts';
import { clusterOf, locationOf, quotaUserOf, rowIdentity } from './cluster-row.ts';
import { decideCandidates } from './decide-candidates.ts';
import { createAttemptOpener, type OpenCluster } from './open-attempt.ts';
import { decideSizeRefusal, type LaunchRequirements, type SizeRefusal } from './size-refusal.ts';

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

// An operator may change the row of a cluster at any time. A node that does not hear of it uses the old one for so long.
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
  findLaunchConflicts(cluster: Pick<EcsCluster, 'name' | 'region' | 'cluster' | 'launch'>): readonly LaunchConflict[];
  /**
   * Returns why the first cluster of a task cannot give its containers the sizes that it wants; null when it can, and
   * when there is no such cluster.
   */
  findSizeRefusal(wip: LaunchRequirements): Promise<SizeRefusal | null>;
  /** Reads every row of a cluster again when it is used next. To be called when rows may have changed. */
  forgetRows(): void;
  close(): void;
}

/** The installation's clusters, each with one client that is kept while its row stays the same. */
export function createClusterSet(options: ClusterSetOptions): OpenClusters {
  const { db, store, clock } = options;
  const clients = new Map<string, OpenCluster>();
  const rows = new Map<string, { readonly opened: OpenCluster; readonly checkedMs: number }>();
  let forgottenMs = -Infinity;
  const isFresh = (checkedMs: number): boolean =>
    checkedMs > forgottenMs && clock.monotonicMs() - checkedMs < ROW_AGE_MS;
  const quotas = createSharedQuotas({ ...options, overrides: options.quotaOverrides ?? [] });
  const learnAccount = createAccountFinder({ ...options, quotas });

  /** The client of an earlier row is not closed: that would cut off the calls under way, which end by themselves. */
  function openRow(stored: StoredCluster): OpenCluster {
    const row = rowIdentity(stored);
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
    const opened = { row, client, access: createClusterAccess(options, cluster, client) };
    clients.set(row, opened);
    return opened;
  }

  async function find(name: string): Promise<OpenCluster> {
    const nowMs = clock.monotonicMs();
    const known = rows.get(name);
    if (known && isFresh(known.checkedMs)) return known.opened;
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
    isFresh,
  });

  async function listChoices({ group, clusters }: Pick<LaunchRequirements, 'group' | 'clusters'>) {
    const [stored, active, ofGroup] = await Promise.all([
      listClusters(db),
      store.activeName(),
      findGroupClusters(db, group),
    ]);
    const fallbacks = new Map(stored.map(({ name, fallback }) => [name, fallback]));
    return { stored, choices: decideCandidates({ ofTask: clusters, group, ofGroup, active, fallbacks }) };
  }

  return {
    openActive: async () => (await find(await store.activeName())).access,
    listCandidates: async (wip) => {
      const { choices } = await listChoices(wip);
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
    findLaunchConflicts: (cluster) => findLaunchConflictsOfAll({ ...options, config: options.ecsConfig, cluster }),
    async findSizeRefusal(wip) {
      const { stored, choices } = await listChoices(wip);
      const row = stored.find(({ name }) => name === choices[0]?.name);
      return row ? decideSizeRefusal(row, wip, { ...options, config: options.ecsConfig }) : null;
    },
    forgetRows: () => void (forgottenMs = clock.monotonicMs()),
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
  const conflicts = findLaunchConflictsOfAll(parts).map(({ where, sentence, remedy }): ClusterFinding => ({
    name: 'definition',
    outcome: 'failed',
    message: `${where}: ${sentence}`,
    remedy: `${remedy}.`,
  }));
  return [...(await client.examine(listLaunched(parts))), ...conflicts];
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
