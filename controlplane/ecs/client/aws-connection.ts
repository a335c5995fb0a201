import { z } from 'zod';
import type { FieldProblem } from '../../../shared/text/field-problems.ts';

const Address = z.url({ protocol: /^https?$/ });

/** `direct`: no proxy, whatever the node is told. A password in it could be read by everybody who sees clusters. */
const Proxy = z
  .string()
  .regex(
    /^(direct|https?:\/\/[^@/\s]+\/?)$/,
    'direct or http://host:port; one with a password belongs into https_proxy',
  );

/** How AWS is reached for one cluster, beside the address of ECS. What is left out is as the SDK has it for the region. */
export const ConnectionSettings = z.strictObject({
  /** Amazon's FIPS endpoints, wherever no own address is given. */
  fips: z.boolean().optional(),
  /** Amazon's endpoints with IPv4 and IPv6, wherever no own address is given. */
  dualStack: z.boolean().optional(),
  ec2Endpoint: Address.optional(),
  stsEndpoint: Address.optional(),
  logsEndpoint: Address.optional(),
  proxy: Proxy.optional(),
  /** The address of a container that nodes connect to. Public: for nodes outside of the network of the containers. */
  address: z.enum(['private', 'public']).optional(),
  /** URL of an SQS queue into which EventBridge puts the events of the cluster. */
  eventsQueue: Address.optional(),
});
export type ConnectionSettings = z.infer<typeof ConnectionSettings>;

export type AwsService = 'ecs' | 'ec2' | 'sts' | 'logs' | 'sqs';

const AMAZONS = /(^|\.)(amazonaws\.com|amazonaws\.com\.cn|api\.aws|api\.amazonwebservices\.com\.cn)$/;

/**
 * Returns the own address of a service; null when Amazon's is used, and `none` when there is no such service. An address
 * of Amazon (a VPC endpoint) serves ECS alone. Any other one is local ECS, which answers for EC2 too, and whose keys no
 * STS knows.
 */
export function endpointOf(
  service: AwsService,
  { endpoint, connection }: { readonly endpoint?: string | null; readonly connection?: ConnectionSettings },
): string | 'none' | null {
  const own = endpoint ?? null;
  const isLocal = own !== null && !AMAZONS.test(new URL(own).hostname);
  switch (service) {
    case 'ecs':
      return own;
    case 'ec2':
      return connection?.ec2Endpoint ?? (isLocal ? own : null);
    case 'sts':
      return connection?.stsEndpoint ?? (isLocal ? 'none' : null);
    case 'sqs':
      // A queue is called at its own URL.
      return connection?.eventsQueue === undefined ? null : new URL(connection.eventsQueue).origin;
    case 'logs':
      return connection?.logsEndpoint ?? (isLocal ? 'none' : null);
  }
}

// "Partitions" in the AWS General Reference: a region belongs to one of them, and their ARNs and credentials are apart.
const PARTITIONS: readonly (readonly [start: RegExp, partition: string])[] = [
  [/^cn-/, 'aws-cn'],
  [/^us-gov-/, 'aws-us-gov'],
  [/^us-isob-/, 'aws-iso-b'],
  [/^us-isof-/, 'aws-iso-f'],
  [/^eu-isoe-/, 'aws-iso-e'],
  [/^us-iso-/, 'aws-iso'],
  [/^eusc-/, 'aws-eusc'],
];

export function partitionOf(region: string): string {
  return PARTITIONS.find(([start]) => start.test(region))?.[1] ?? 'aws';
}

const ROLE_ARN = /^arn:([^:]+):iam::\d{12}:role\/[\w+=,.@/-]+$/;
export const RoleArn = z.string().regex(ROLE_ARN, 'must be the ARN of a role (arn:aws:iam::…:role/…)');
const CLUSTER_ARN = /^arn:([^:]+):ecs:([^:]+):\d{12}:cluster\/[\w-]+$/;

/** Returns what is wrong with the ARNs of a cluster in this region, each with its field. */
export function checkArns(cluster: {
  readonly region: string;
  readonly cluster: string;
  readonly roleArn: string | null;
}): FieldProblem[] {
  const partition = partitionOf(cluster.region);
  return [...checkRole(cluster.roleArn, cluster.region, partition), ...checkClusterArn(cluster, partition)];
}

function checkRole(roleArn: string | null, region: string, partition: string): FieldProblem[] {
  if (roleArn === null) return [];
  const refuse = (message: string): FieldProblem[] => [{ path: 'roleArn', message }];
  const [, of] = ROLE_ARN.exec(roleArn) ?? [];
  if (of === undefined) return refuse(`${roleArn} is not the ARN of a role (arn:${partition}:iam::…:role/…)`);
  return of === partition ? [] : refuse(`the role is of the partition ${of} and ${region} of ${partition}`);
}

function checkClusterArn(
  { cluster, region: given }: { readonly cluster: string; readonly region: string },
  partition: string,
): FieldProblem[] {
  if (!cluster.startsWith('arn:')) return [];
  const refuse = (message: string): FieldProblem[] => [{ path: 'cluster', message }];
  const [, of, region] = CLUSTER_ARN.exec(cluster) ?? [];
  if (of === undefined) return refuse(`${cluster} is not the ARN of a cluster (arn:${partition}:ecs:…)`);
  if (of === partition && region === given) return [];
  return refuse(`the cluster is in ${region} (${of}), and the region given is ${given} (${partition})`);
}
