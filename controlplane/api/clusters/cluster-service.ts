import { OperationalError } from '../../../shared/model/error.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { LaunchSettings, type EcsCluster } from '../../ecs/config/cluster.ts';
import type { EcsClusterStore, StoredCluster } from '../../store/clusters/ecs-cluster-store.ts';
import { wakeForCorrection } from '../../store/attempts/wake-for-correction.ts';
import { listClusters } from '../../store/clusters/list-clusters.ts';
import type { Db } from '../../store/schema.ts';
import { auditInto } from '../audit/audited.ts';
import { checkFallback, parseConnection, parseLaunch, type ClusterChange } from './cluster-change.ts';
import type { ClusterCheckAnswer, ClusterView, EcsQuotasAnswer } from './cluster-views.ts';
import { decideCredentials } from './decide-credentials.ts';

/** The installation's clusters as administrators keep them. */
export interface ClusterService {
  listClusters(): Promise<readonly ClusterView[]>;
  /** Checks what launches into the cluster need, as this node sees it. Throws CLUSTER_UNKNOWN. */
  examineCluster(name: string): Promise<ClusterCheckAnswer>;
  /** The share of this node in the calls that the accounts may make. */
  readQuotas(): EcsQuotasAnswer;
  /** Throws CONFIG_INVALID for settings that no launch can use, and CLUSTER_CHANGED when it replaced something else. */
  saveCluster(change: ClusterChange, by: string): Promise<void>;
  /** Both throw CLUSTER_UNKNOWN; deleting also CLUSTER_IN_USE. */
  useCluster(name: string, by: string): Promise<void>;
  deleteCluster(name: string, by: string): Promise<void>;
}

export interface ClusterServiceDeps {
  readonly db: Db;
  readonly clusters: EcsClusterStore;
  readonly node: string;
  readonly examine: (name: string) => Promise<ClusterCheckAnswer['checks']>;
  readonly readQuotas: () => EcsQuotas;
  /** Returns the settings of config.ecs.yml that would make every launch into such a cluster fail, a sentence each. */
  readonly findLaunchConflicts: (cluster: LaunchedInto) => readonly string[];
}

/** By the name of the cluster and of the quota. */
type EcsQuotas = Readonly<Record<string, Readonly<Record<string, QuotaState>>>>;
type QuotaState = Omit<EcsQuotasAnswer['quotas'][number], 'cluster' | 'quota'>;

type LaunchedInto = Pick<EcsCluster, 'name' | 'region' | 'cluster' | 'launch'>;

export function createClusterService(deps: ClusterServiceDeps): ClusterService {
  const { db, clusters } = deps;
  const audited = auditInto(db);
  return {
    listClusters: async () => {
      const [active, stored] = await Promise.all([clusters.activeName(), listClusters(db)]);
      return stored.map(({ updatedAt, ...plain }) => ({
        ...plain,
        fallback: [...plain.fallback],
        isActive: plain.name === active,
        updatedAt: updatedAt.toISOString(),
      }));
    },
    readQuotas: () => ({
      node: deps.node,
      quotas: Object.entries(deps.readQuotas()).flatMap(([cluster, quotas]) =>
        Object.entries(quotas).map(([quota, state]) => ({ cluster, quota, ...state })),
      ),
    }),
    examineCluster: async (name) => ({ cluster: name, node: deps.node, checks: await deps.examine(name) }),
    saveCluster: async (change, by) => {
      const { name, region, cluster, roleArn = null, externalId = null, endpoint = null, fallback = [] } = change;
      const launch = parseLaunch(change);
      const connection = parseConnection(change);
      refuseLaunchConflicts(deps, { name, region, cluster, launch });
      checkFallback(
        name,
        fallback,
        (await listClusters(db)).map((one) => one.name),
      );
      const credentials = await credentialsOf(deps, change);
      const plain = { name, region, cluster, roleArn, externalId, endpoint, connection, launch, fallback };
      await clusters.save({ ...plain, ...credentials }, replacedBy(change));
      await audited(by, 'save', `cluster/${name}`, { region, cluster, roleArn, endpoint, connection, launch });
      await wakeForCorrection(db);
    },
    useCluster: async (name, by) => {
      const { region, cluster, launch } = await clusters.load(name);
      refuseLaunchConflicts(deps, { name, region, cluster, launch: LaunchSettings.parse(launch) });
      await clusters.use(name);
      await audited(by, 'use', `cluster/${name}`);
      await wakeForCorrection(db);
    },
    deleteCluster: async (name, by) => {
      await clusters.delete(name);
      await audited(by, 'delete', `cluster/${name}`);
    },
  };
}

function replacedBy({ replaces }: ClusterChange): Date | null | undefined {
  return typeof replaces === 'string' ? new Date(replaces) : replaces;
}

/** Refuses a cluster that cannot launch anything: otherwise every task would fail by itself. Throws CONFIG_INVALID. */
function refuseLaunchConflicts({ findLaunchConflicts }: ClusterServiceDeps, cluster: LaunchedInto): void {
  const conflicts = findLaunchConflicts(cluster);
  if (conflicts.length === 0) return;
  throw new OperationalError('CONFIG_INVALID', {
    happened: `Nothing could be launched into the cluster "${cluster.name}" with the configuration of this node: ${conflicts.join(' ')}`,
    remedy: `Correct config.ecs.yml or the site file first (settings for this cluster alone go under clusters.${cluster.name}), and start the nodes again`,
  });
}

async function credentialsOf(
  { db, clusters }: ClusterServiceDeps,
  change: ClusterChange,
): Promise<Pick<StoredCluster, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>> {
  const { name } = change;
  const decided = decideCredentials(
    change,
    (await listClusters(db)).find((one) => one.name === name),
  );
  switch (decided.kind) {
    case 'of-node':
      return { accessKeyId: null, secretAccessKey: null, sessionToken: null };
    case 'stored': {
      const { secretAccessKey, sessionToken = null } = await clusters.load(name);
      return { accessKeyId: decided.accessKeyId, secretAccessKey, sessionToken };
    }
    case 'given': {
      const { accessKeyId, secretAccessKey, sessionToken } = decided;
      const token = sessionToken === null ? null : new Secret(sessionToken);
      return { accessKeyId, secretAccessKey: new Secret(secretAccessKey), sessionToken: token };
    }
  }
}

/** Throws CLUSTER_UNKNOWN when a cluster of one of the names does not exist. */
export async function requireClusters(db: Db, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const known = new Set((await listClusters(db)).map((cluster) => cluster.name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new OperationalError('CLUSTER_UNKNOWN', {
    happened: `There is no cluster ${unknown.map((name) => `"${name}"`).join(', ')}`,
    remedy: 'See which there are with "wipctl clusters list"',
  });
}
