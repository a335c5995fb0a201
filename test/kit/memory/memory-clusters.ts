import {
  checkFallback,
  parseConnection,
  parseLaunch,
  type ClusterChange,
} from '../../../controlplane/api/clusters/cluster-change.ts';
import type {
  ClusterCheckAnswer,
  ClusterCheckLine,
  ClusterView,
  EcsQuotasAnswer,
} from '../../../controlplane/api/clusters/cluster-views.ts';
import { decideCredentials } from '../../../controlplane/api/clusters/decide-credentials.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/time/clock.ts';

/** The clusters of an installation, in memory. Tests use its public fields directly. */
export class MemoryClusters {
  readonly clock: Clock;
  readonly clusters = new Map<string, ClusterView>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  now(): string {
    return this.clock.now().toISOString();
  }

  /** Of each cluster and quota. */
  quotas: EcsQuotasAnswer['quotas'] = [];
  readonly readQuotas = (): EcsQuotasAnswer => ({ node: 'node-a', quotas: this.quotas });
  readonly listClusters = async (): Promise<readonly ClusterView[]> => [...this.clusters.values()];
  /** Lines of the next check of a cluster. */
  clusterChecks: ClusterCheckLine[] = [];
  readonly examineCluster = async (name: string): Promise<ClusterCheckAnswer> => ({
    cluster: this.#cluster(name).name,
    node: 'node-a',
    checks: this.clusterChecks,
  });
  readonly saveCluster = async (change: ClusterChange): Promise<void> => {
    const { secretAccessKey: _kept, sessionToken, replaces, ...plain } = change;
    const { name, accessKeyId = null, roleArn = null, externalId = null, endpoint = null, fallback = [] } = plain;
    const known = this.clusters.get(name);
    if (replaces !== undefined && replaces !== (known?.updatedAt ?? null)) {
      throw new OperationalError('CLUSTER_CHANGED', {
        happened: `Somebody else has saved or deleted the cluster "${name}" meanwhile, and nothing was saved now`,
        remedy: 'Look at it as it is',
      });
    }
    parseLaunch(change);
    const connection = parseConnection(change);
    checkFallback(name, fallback, [...this.clusters.keys()]);
    const { kind } = decideCredentials(change, known);
    const hasSecret = kind !== 'of-node';
    const hasSessionToken = kind === 'stored' ? known?.hasSessionToken === true : sessionToken !== undefined;
    const isActive = known?.isActive ?? false;
    const shown = { ...plain, accessKeyId, roleArn, externalId, endpoint, connection, fallback: [...fallback] };
    this.clusters.set(name, {
      ...shown,
      hasSecret,
      hasSessionToken,
      isActive,
      updatedAt: this.#nowAfter(known?.updatedAt),
    });
  };
  /** Two changes within a millisecond have different times, as their transactions have. */
  #nowAfter(earlier: string | undefined): string {
    const now = this.now();
    return earlier === undefined || earlier < now ? now : new Date(Date.parse(earlier) + 1).toISOString();
  }
  readonly useCluster = async (name: string): Promise<void> => {
    this.#cluster(name);
    for (const one of this.clusters.values()) one.isActive = one.name === name;
  };
  readonly deleteCluster = async (name: string): Promise<void> => {
    if (this.#cluster(name).isActive) {
      throw new OperationalError('CLUSTER_IN_USE', {
        happened: `The cluster "${name}" is the active one`,
        remedy: 'Use another one first',
      });
    }
    this.clusters.delete(name);
  };
  #cluster(name: string): ClusterView {
    const cluster = this.clusters.get(name);
    if (cluster) return cluster;
    throw new OperationalError('CLUSTER_UNKNOWN', {
      happened: `There is no cluster "${name}"`,
      remedy: 'See which there are',
    });
  }
}
