/** The clusters of each local ECS. Several rows of the installation name the first cluster of the first server. */
export const ECS_CLUSTERS = ['default', 'second'] as const;

/** Servers of local ECS in the role of regions: none knows the tasks and client tokens of the other. */
export const REGIONS = ['local', 'elsewhere'] as const;
export type Region = (typeof REGIONS)[number];

export interface Meaning {
  readonly region: Region;
  readonly cluster: string;
}

/** Three rows for one ECS cluster, which differ in subnets and ways to launch, and two for other clusters. */
export const CLUSTER_ROWS = {
  default: { region: 'local', cluster: 'default' },
  'other-subnets': { region: 'local', cluster: 'default' },
  'by-arn': { region: 'local', cluster: 'arn:aws:ecs:local:000000000000:cluster/default' },
  second: { region: 'local', cluster: 'second' },
  'other-region': { region: 'elsewhere', cluster: 'default' },
} as const satisfies Record<string, Meaning>;
export type ClusterRow = keyof typeof CLUSTER_ROWS;
