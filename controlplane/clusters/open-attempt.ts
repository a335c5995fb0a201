import { OperationalError } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/time/clock.ts';
import {
  accountOf,
  ClusterLocation,
  credentialOf,
  decideClusterRoutes,
  type NamedLocation,
} from '../ecs/config/cluster-location.ts';
import type { EcsClient } from '../ecs/client/ecs-client.ts';
import type { ClusterAccess } from '../engine/engine-deps.ts';
import type { AttemptCluster } from '../store/attempts/find-attempt.ts';

export interface OpenCluster {
  /** The row of the cluster as text. A changed row gets a client of its own. */
  readonly row: string;
  readonly client: EcsClient;
  readonly access: ClusterAccess;
}

export interface AttemptOpenerDeps {
  readonly listLocations: () => Promise<readonly NamedLocation[]>;
  /** Opens the cluster of the row. Throws CLUSTER_UNKNOWN. */
  readonly openRow: (name: string) => Promise<OpenCluster>;
  /** Opens this location with the credentials of the row. Throws CLUSTER_UNKNOWN. */
  readonly openAt: (name: string, location: ClusterLocation) => Promise<OpenCluster>;
  readonly clock: Clock;
  /** Whether a cluster that was opened then is used again. */
  readonly isFresh: (checkedMs: number) => boolean;
}

/**
 * Opens the ECS cluster that an attempt was launched into. Other credentials than those of the launch are used only
 * when AWS says that they are of the same account: in another account the container would look as if it had never
 * existed.
 */
export function createAttemptOpener(deps: AttemptOpenerDeps): (attempt: AttemptCluster) => Promise<OpenCluster> {
  const opened = new Map<string, { readonly cluster: OpenCluster; readonly checkedMs: number }>();
  /** Clients that have proven their account, by row. */
  const accounts = new WeakMap<OpenCluster, string | null>();

  async function isOfAccount(cluster: OpenCluster, attempt: AttemptCluster): Promise<boolean> {
    const wanted = accountOf(attempt.arn) ?? accountOf(attempt.taskDefinition);
    if (!accounts.has(cluster)) accounts.set(cluster, accountOf((await cluster.client.check()).arn));
    return wanted !== null && accounts.get(cluster) === wanted;
  }

  async function openLocation(attempt: AttemptCluster, location: ClusterLocation): Promise<OpenCluster> {
    let failure: unknown = null;
    for (const { name } of decideClusterRoutes({ cluster: attempt.cluster, location }, await deps.listLocations())) {
      try {
        const cluster = await deps.openAt(name, location);
        // The opened cluster is asked and not the list, because the row may have been saved in between.
        const isSure = credentialOf(cluster.access.location) === credentialOf(location);
        if (isSure || (await isOfAccount(cluster, attempt))) return cluster;
      } catch (error) {
        if (!(error instanceof OperationalError)) throw error;
        failure ??= error;
      }
    }
    throw failure ?? outOfReach(attempt, location);
  }

  return async (attempt) => {
    if (attempt.location === null) return deps.openRow(attempt.cluster);
    const location = ClusterLocation.parse(attempt.location);
    const key = JSON.stringify([
      attempt.cluster,
      location,
      accountOf(attempt.arn) ?? accountOf(attempt.taskDefinition),
    ]);
    const known = opened.get(key);
    const nowMs = deps.clock.monotonicMs();
    if (known && deps.isFresh(known.checkedMs)) return known.cluster;
    const cluster = await openLocation(attempt, location);
    opened.set(key, { cluster, checkedMs: nowMs });
    return cluster;
  };
}

function outOfReach(
  { cluster: name }: AttemptCluster,
  { region, cluster, accessKeyId, roleArn }: ClusterLocation,
): OperationalError {
  const own = accessKeyId === null ? 'the credentials of the node' : `the access key ${accessKeyId}`;
  const key = roleArn === null ? own : `the role ${roleArn}`;
  return new OperationalError('CLUSTER_UNKNOWN', {
    happened: `The container was launched with the cluster "${name}" when that was the ECS cluster ${cluster} in ${region} with ${key}, and no cluster leads there any more`,
    remedy: `Save "${name}" as it was with "wipctl clusters save" until its tasks have ended, and use another name for another cluster`,
  });
}
