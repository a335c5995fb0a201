import { z } from 'zod';

/**
 * Which ECS cluster is meant, whatever the rows are called that name it. An access key belongs to one account, so equal
 * keys are equal accounts; null is the node's own credential chain.
 */
export const ClusterLocation = z.object({
  region: z.string(),
  /** Name or ARN, as the row had it. */
  cluster: z.string(),
  endpoint: z.string().nullable(),
  accessKeyId: z.string().nullable(),
});
export type ClusterLocation = z.infer<typeof ClusterLocation>;

export interface NamedLocation extends ClusterLocation {
  readonly name: string;
}

/** How the cluster of an attempt is reached. */
type ClusterRoute =
  /** The row leads there as it is. */
  | { readonly kind: 'row'; readonly name: string }
  /** The row means another cluster by now, and its credentials are still those of the attempt's account. */
  | { readonly kind: 'credentials'; readonly name: string }
  /** Other credentials, which may be of another account: only what AWS says of itself can tell. */
  | { readonly kind: 'unproven'; readonly name: string };

const CLUSTER_ARN = /^arn:[^:]+:ecs:([^:]*):([^:]*):cluster\/(.+)$/;

/** An ECS cluster may be named by its ARN, which says the account too. */
function partsOf(cluster: string): { name: string; account: string | null } {
  const [, , account, name] = CLUSTER_ARN.exec(cluster) ?? [];
  return { name: name ?? cluster, account: account ?? null };
}

/** Whether two locations are one ECS cluster as far as can be told without their accounts. */
export function isSameCluster(one: ClusterLocation, other: ClusterLocation): boolean {
  const [a, b] = [partsOf(one.cluster), partsOf(other.cluster)];
  if (a.account !== null && b.account !== null && a.account !== b.account) return false;
  return a.name === b.name && one.region === other.region && one.endpoint === other.endpoint;
}

/** Equal for locations that are one ECS cluster asked with the same credentials. */
export function locationKey({ region, cluster, endpoint, accessKeyId }: ClusterLocation): string {
  return JSON.stringify([region, partsOf(cluster).name, endpoint, accessKeyId]);
}

/** The account in an ARN; null when it has none. */
export function accountOf(arn: string | null): string | null {
  return (arn && /^arn:[^:]+:[^:]+:[^:]*:(\d+):/.exec(arn)?.[1]) ?? null;
}

/**
 * Ways to the ECS cluster that an attempt was launched into, to be tried in this order. Its own row comes first while it
 * leads there: it is the operator's last word about the credentials. `location` null: an earlier version noted the name alone.
 */
export function decideClusterRoutes(
  attempt: { readonly cluster: string; readonly location: ClusterLocation | null },
  rows: readonly NamedLocation[],
): readonly ClusterRoute[] {
  const { location } = attempt;
  const own = rows.filter(({ name }) => name === attempt.cluster);
  if (!location) return own.map(({ name }) => ({ kind: 'row', name }));
  const others = rows.filter(({ name }) => name !== attempt.cluster);
  const hasKey = (row: NamedLocation): boolean => row.accessKeyId === location.accessKeyId;
  const there = (found: readonly NamedLocation[]): ClusterRoute[] =>
    found
      .filter((row) => isSameCluster(row, location))
      .map((row) => ({ kind: hasKey(row) ? 'row' : 'unproven', name: row.name }));
  const elsewhere = [...own, ...others].filter((row) => !isSameCluster(row, location));
  const [sure, unproven] = [there(others), elsewhere.filter((row) => !hasKey(row) && row.name === attempt.cluster)];
  return [
    ...there(own),
    ...sure.filter(({ kind }) => kind === 'row'),
    ...elsewhere.filter(hasKey).map(({ name }): ClusterRoute => ({ kind: 'credentials', name })),
    ...sure.filter(({ kind }) => kind === 'unproven'),
    ...unproven.map(({ name }): ClusterRoute => ({ kind: 'unproven', name })),
  ];
}
