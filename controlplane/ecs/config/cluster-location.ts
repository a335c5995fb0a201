import { z } from 'zod';

/**
 * Identifies an ECS cluster, whatever the rows that name it are called. An access key belongs to one account, so equal
 * keys are equal accounts, and so are roles of one account. Without either it is the node's own credential chain.
 */
export const ClusterLocation = z.object({
  region: z.string(),
  /** Name or ARN, as it stood in the row. */
  cluster: z.string(),
  endpoint: z.string().nullable(),
  accessKeyId: z.string().nullable(),
  /** Locations that an earlier version stored have none. */
  roleArn: z.string().nullable().default(null),
});
export type ClusterLocation = z.infer<typeof ClusterLocation>;

export interface NamedLocation extends ClusterLocation {
  readonly name: string;
}

/** A way to reach the cluster of an attempt. */
type ClusterRoute =
  /** The row names the cluster, with its credentials. */
  | { readonly kind: 'row'; readonly name: string }
  /** The row names another cluster by now, and its credentials are still those of the attempt's account. */
  | { readonly kind: 'credentials'; readonly name: string }
  /** The row has other credentials, which may be of another account. Only an answer of AWS can tell. */
  | { readonly kind: 'unproven'; readonly name: string };

const CLUSTER_ARN = /^arn:[^:]+:ecs:([^:]*):([^:]*):cluster\/(.+)$/;

/** A cluster may be named by its ARN, which contains the account. */
function partsOf(cluster: string): { name: string; account: string | null } {
  const [, , account, name] = CLUSTER_ARN.exec(cluster) ?? [];
  return { name: name ?? cluster, account: account ?? null };
}

/** Returns whether two locations are one ECS cluster, as far as their accounts are known. */
export function isSameCluster(one: ClusterLocation, other: ClusterLocation): boolean {
  const [a, b] = [partsOf(one.cluster), partsOf(other.cluster)];
  if (a.account !== null && b.account !== null && a.account !== b.account) return false;
  return a.name === b.name && one.region === other.region && one.endpoint === other.endpoint;
}

/** Returns equal keys for locations that are one ECS cluster with the same credentials. */
export function locationKey(location: ClusterLocation): string {
  const { region, cluster, endpoint } = location;
  return JSON.stringify([region, partsOf(cluster).name, endpoint, credentialOf(location)]);
}

/** Returns equal texts for credentials that are certainly of one account. */
export function credentialOf({ accessKeyId, roleArn }: Pick<ClusterLocation, 'accessKeyId' | 'roleArn'>): string {
  return JSON.stringify(roleArn === null ? { accessKeyId } : { account: accountOf(roleArn) ?? roleArn });
}

/**
 * Returns who calls a cluster, as far as it tells the account: the account where an ARN names it, else the access key. Empty: the
 * node's own credentials.
 */
export function callerOf(of: { cluster: string; accessKeyId: string | null; roleArn?: string | null }): string {
  return accountOf(of.roleArn ?? null) ?? partsOf(of.cluster).account ?? of.accessKeyId ?? '';
}

/** Returns the account in an ARN; null when it has none. */
export function accountOf(arn: string | null): string | null {
  return (arn && /^arn:[^:]+:[^:]+:[^:]*:(\d+):/.exec(arn)?.[1]) ?? null;
}

/**
 * Returns the routes to the ECS cluster that an attempt was launched into, in the order in which they are tried. The
 * attempt's own row comes first while it names that cluster, because the operator keeps its credentials up to date.
 * `location` is null when an earlier version stored the name alone.
 */
export function decideClusterRoutes(
  attempt: { readonly cluster: string; readonly location: ClusterLocation | null },
  rows: readonly NamedLocation[],
): readonly ClusterRoute[] {
  const { location } = attempt;
  const own = rows.filter(({ name }) => name === attempt.cluster);
  if (!location) return own.map(({ name }) => ({ kind: 'row', name }));
  const others = rows.filter(({ name }) => name !== attempt.cluster);
  const hasKey = (row: NamedLocation): boolean => credentialOf(row) === credentialOf(location);
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
