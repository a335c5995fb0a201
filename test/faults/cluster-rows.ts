/** The clusters of each local ECS. Several rows of the installation name the first one of the first. */
export const ECS_CLUSTERS = ['default', 'second'] as const;

/** Servers of local ECS, as regions are: one knows nothing of the other's tasks and client tokens. */
export const REGIONS = ['local', 'elsewhere'] as const;
export type Region = (typeof REGIONS)[number];

export interface Meaning {
  readonly region: Region;
  readonly cluster: string;
}

/** Three rows for one ECS cluster, as other subnets and other ways to launch bring them, and two for others. */
export const CLUSTER_ROWS = {
  default: { region: 'local', cluster: 'default' },
  'other-subnets': { region: 'local', cluster: 'default' },
  'by-arn': { region: 'local', cluster: 'arn:aws:ecs:local:000000000000:cluster/default' },
  second: { region: 'local', cluster: 'second' },
  'other-region': { region: 'elsewhere', cluster: 'default' },
} as const satisfies Record<string, Meaning>;
export type ClusterRow = keyof typeof CLUSTER_ROWS;
