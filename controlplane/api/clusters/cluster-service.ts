import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import { Secret } from '../../../shared/support/secret.ts';
import { NewLaunchSettings, LaunchSettings, type EcsCluster } from '../../ecs/cluster.ts';
import type { EcsClusterStore, StoredCluster } from '../../store/clusters/ecs-cluster-store.ts';
import { listClusters } from '../../store/clusters/list-clusters.ts';
import type { Db } from '../../store/schema.ts';
import { auditInto } from '../audit/audited.ts';
import { checkFallback, parseConnection, type ClusterChange } from './cluster-change.ts';
import type { ClusterCheckAnswer, ClusterView } from './cluster-views.ts';

/** The installation's clusters as administrators keep them. */
export interface ClusterService {
  listClusters(): Promise<readonly ClusterView[]>;
  /** Checks what launches into the cluster need, as this node sees it. Throws CLUSTER_UNKNOWN. */
  examineCluster(name: string): Promise<ClusterCheckAnswer>;
  /** Throws CONFIG_INVALID for settings that no launch can use. */
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
  /** Returns what in config.ecs.yml keeps containers from being launched into such a cluster. */
  readonly findMisfits: (cluster: LaunchedInto) => readonly string[];
}

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
    examineCluster: async (name) => ({ cluster: name, node: deps.node, checks: await deps.examine(name) }),
    saveCluster: async (change, by) => {
      const { name, region, cluster, roleArn = null, externalId = null, endpoint = null, fallback = [] } = change;
      const launch = parseLaunch(change);
      refuseMisfits(deps, { name, region, cluster, launch });
      const connection = parseConnection(change);
      checkFallback(
        name,
        fallback,
        (await listClusters(db)).map((one) => one.name),
      );
      const credentials = await credentialsOf(deps, change);
      const plain = { name, region, cluster, roleArn, externalId, endpoint, connection, launch, fallback };
      await clusters.save({ ...plain, ...credentials });
      await audited(by, 'save', `cluster/${name}`, { region, cluster, roleArn, endpoint, connection, launch });
    },
    useCluster: async (name, by) => {
      const { region, cluster, launch } = await clusters.load(name);
      refuseMisfits(deps, { name, region, cluster, launch: LaunchSettings.parse(launch) });
      await clusters.use(name);
      await audited(by, 'use', `cluster/${name}`);
    },
    deleteCluster: async (name, by) => {
      await clusters.delete(name);
      await audited(by, 'delete', `cluster/${name}`);
    },
  };
}

/** Without this every launch would be refused, task by task. */
function refuseMisfits({ findMisfits }: ClusterServiceDeps, cluster: LaunchedInto): void {
  const misfits = findMisfits(cluster);
  if (misfits.length === 0) return;
  throw new OperationalError('CONFIG_INVALID', {
    happened: `Nothing could be launched into the cluster "${cluster.name}" with the configuration of this node: ${misfits.join(' ')}`,
    remedy: `Correct config.ecs.yml or the site file first (settings for this cluster alone go under clusters.${cluster.name}), and start the nodes again`,
  });
}

function parseLaunch({ name, launch }: ClusterChange): LaunchSettings {
  const parsed = NewLaunchSettings.safeParse(launch);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${['launch', ...path].join('.')}: ${message}`);
  throw new OperationalError('CONFIG_INVALID', {
    happened: `The cluster "${name}" cannot be launched into so: ${problems.join('; ')}`,
    remedy:
      'Give launch a type of ec2, fargate or capacity-providers, with what belongs to it (see controlplane/ecs/README.md)',
    cause: new z.ZodError(parsed.error.issues),
  });
}

/**
 * An administrator can change other settings without the secret: beside the stored access key the stored secret and
 * session token stay.
 */
async function credentialsOf(
  { db, clusters }: ClusterServiceDeps,
  { name, accessKeyId, secretAccessKey, sessionToken }: ClusterChange,
): Promise<Pick<StoredCluster, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>> {
  if (accessKeyId === undefined) {
    if (secretAccessKey !== undefined) throw incomplete(name, 'a secret without its access key');
    if (sessionToken !== undefined) throw incomplete(name, 'a session token without its access key');
    return { accessKeyId: null, secretAccessKey: null, sessionToken: null };
  }
  const isOfSession = accessKeyId.startsWith(KEY_OF_SESSION);
  if (secretAccessKey === undefined && sessionToken === undefined) {
    const known = (await listClusters(db)).find((one) => one.name === name && one.accessKeyId === accessKeyId);
    if (!known?.hasSecret) throw incomplete(name, 'an access key without its secret');
    const { secretAccessKey: stored, sessionToken: token = null } = await clusters.load(name);
    return { accessKeyId, secretAccessKey: stored, sessionToken: token };
  }
  if (secretAccessKey === undefined) throw incomplete(name, 'a session token without the secret of its access key');
  if (isOfSession && sessionToken === undefined)
    throw incomplete(name, 'the access key of a session without its token');
  return {
    accessKeyId,
    secretAccessKey: new Secret(secretAccessKey),
    sessionToken: sessionToken === undefined ? null : new Secret(sessionToken),
  };
}

/** IAM User Guide, "Understanding unique ID prefixes": temporary keys of STS begin so. */
const KEY_OF_SESSION = 'ASIA';

function incomplete(name: string, what: string): OperationalError {
  return new OperationalError('CONFIG_INVALID', {
    happened: `The cluster "${name}" was given ${what}`,
    remedy:
      'Give accessKeyId, secretAccessKey and, for the keys of a session, sessionToken together, or leave all out to use the credentials of the node',
  });
}

/** Throws CLUSTER_UNKNOWN when one of the names is that of no cluster. */
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
