export type LaunchType = 'ec2' | 'fargate' | 'capacity-providers';

interface FieldWords {
  readonly label: string;
  readonly hint?: string;
  /** `secret`: never shown. `lines`: several lines. */
  readonly kind?: 'secret' | 'lines';
  readonly isRequired?: boolean;
}

/** The texts of a cluster, by the path that the API has for each in a body and in its problems. */
export const TEXTS = {
  name: { label: 'Name in Wip', hint: 'Letters, digits, - and _', isRequired: true },
  region: { label: 'AWS region', hint: 'Such as eu-central-1', isRequired: true },
  cluster: { label: 'ECS cluster', hint: 'Its name or ARN in ECS', isRequired: true },
  'launch.providers': {
    label: 'Capacity providers',
    hint: 'One a line: name, weight, base. Such as FARGATE_SPOT 4 0',
    kind: 'lines',
  },
  'launch.subnets': { label: 'Subnets', hint: 'Ids with spaces between them' },
  'launch.securityGroups': { label: 'Security groups', hint: 'Ids with spaces between them' },
  'launch.platformVersion': { label: 'Platform version', hint: 'Of Fargate; empty: the latest' },
  'launch.placementConstraints': {
    label: 'Placement constraints',
    hint: 'One a line: type, expression. Such as memberOf attribute:ecs.os-type == linux',
    kind: 'lines',
  },
  accessKeyId: { label: 'Access key id' },
  secretAccessKey: { label: 'Secret access key', kind: 'secret' },
  sessionToken: { label: 'Session token', hint: 'Of a temporary key, which begins with ASIA', kind: 'secret' },
  roleArn: { label: 'Role to assume', hint: 'Its ARN; empty: none' },
  externalId: { label: 'External id', hint: 'If the trust policy of the role asks for one' },
  fallback: { label: 'Without room, try', hint: 'Other clusters of this list, in this order' },
  endpoint: { label: 'Address of ECS', hint: "Local ECS or a VPC endpoint; empty: Amazon's" },
  'connection.ec2Endpoint': { label: 'Address of EC2', hint: "Empty: Amazon's, or local ECS" },
  'connection.stsEndpoint': { label: 'Address of STS', hint: "Empty: Amazon's" },
  'connection.logsEndpoint': { label: 'Address of CloudWatch Logs', hint: "Empty: Amazon's" },
  'connection.eventsQueue': { label: 'Queue of events', hint: 'URL of an SQS queue with the events of the cluster' },
  'connection.proxy': { label: 'HTTP proxy', hint: "http://host:port, or direct; empty: the node's" },
} as const satisfies Readonly<Record<string, FieldWords>>;

export type TextPath = keyof typeof TEXTS;

export function fieldWordsOf(path: TextPath): FieldWords {
  return TEXTS[path];
}

export const FLAGS = {
  'launch.assignPublicIp': 'Give each container a public address',
  'connection.fips': "Use Amazon's FIPS endpoints",
  'connection.dualStack': 'Use endpoints with IPv4 and IPv6',
} as const;

export type FlagPath = keyof typeof FLAGS;

export const LAUNCH_TYPES: Readonly<Record<LaunchType, string>> = {
  ec2: 'EC2 machines of the cluster',
  fargate: 'Fargate',
  'capacity-providers': 'Capacity providers',
};

export const LAUNCH_ORDER = ['ec2', 'fargate', 'capacity-providers'] as const satisfies readonly LaunchType[];

/** What each way of launching asks for beside itself. */
export const LAUNCH_TEXTS: Readonly<Record<LaunchType, readonly TextPath[]>> = {
  ec2: ['launch.subnets', 'launch.securityGroups', 'launch.placementConstraints'],
  fargate: ['launch.subnets', 'launch.securityGroups', 'launch.platformVersion'],
  'capacity-providers': ['launch.providers', 'launch.subnets', 'launch.securityGroups', 'launch.platformVersion'],
};

export const CONNECTION_TEXTS = [
  'endpoint',
  'connection.ec2Endpoint',
  'connection.stsEndpoint',
  'connection.logsEndpoint',
  'connection.eventsQueue',
  'connection.proxy',
] as const satisfies readonly TextPath[];

export const CONNECTION_FLAGS = ['connection.fips', 'connection.dualStack'] as const satisfies readonly FlagPath[];
