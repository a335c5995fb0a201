import { z } from 'zod';
import { EcsStatus } from '../containers/container.ts';

const Text = z.string();
const Tags = z.array(z.object({ key: Text, value: Text }));

const Settings = z.array(z.object({ name: Text, value: Text }));

/** What of a container instance is not as it is of a new one. */
const LocalInstance = z.object({
  id: Text,
  status: z.enum(['ACTIVE', 'DRAINING']).default('ACTIVE'),
  isAgentConnected: z.boolean().default(true),
  tags: Tags.default([]),
  /** Attributes that PutAttributes gave it. */
  attributes: z.array(z.object({ name: Text, value: Text.optional() })).default([]),
});
export type LocalInstance = z.infer<typeof LocalInstance>;

export function newInstance(id: string): LocalInstance {
  return LocalInstance.parse({ id });
}

export const LocalCluster = z.object({
  name: Text,
  status: z.enum(['ACTIVE', 'INACTIVE']),
  tags: Tags,
  settings: Settings.default([]),
  configuration: z.unknown().optional(),
  capacityProviders: z.array(Text).default([]),
  defaultCapacityProviderStrategy: z
    .array(z.looseObject({ capacityProvider: Text, weight: z.int(), base: z.int() }))
    .default([]),
  /** Names of container instances that the cluster has lost. */
  lostInstances: z.array(Text).default([]),
  /** The container instances that differ from new ones. */
  instances: z.array(LocalInstance).default([]),
});
export type LocalCluster = z.infer<typeof LocalCluster>;

const PortMapping = z.looseObject({ containerPort: z.int().optional(), hostPort: z.int().optional() });

const DefinedContainer = z.looseObject({
  name: Text.optional(),
  image: Text.optional(),
  cpu: z.number().optional(),
  memory: z.number().optional(),
  memoryReservation: z.number().optional(),
  essential: z.boolean().optional(),
  privileged: z.boolean().optional(),
  stopTimeout: z.number().optional(),
  environment: z.array(z.object({ name: Text, value: Text })).optional(),
  command: z.array(Text).optional(),
  portMappings: z.array(PortMapping).optional(),
  mountPoints: z.array(z.looseObject({ sourceVolume: Text.optional() })).optional(),
});

/** The input of RegisterTaskDefinition; only the parts that are used here are named. */
export const DefinitionInput = z.looseObject({
  family: z.string().regex(/^[A-Za-z0-9_-]{1,255}$/),
  containerDefinitions: z.array(DefinedContainer),
  networkMode: z.enum(['bridge', 'host', 'awsvpc', 'none']).optional(),
  requiresCompatibilities: z.array(z.enum(['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES'])).optional(),
  cpu: Text.optional(),
  memory: Text.optional(),
  placementConstraints: z
    .array(z.looseObject({ type: z.enum(['distinctInstance', 'memberOf']).optional(), expression: Text.optional() }))
    .optional(),
  volumes: z
    .array(z.looseObject({ name: Text.optional(), host: z.looseObject({ sourcePath: Text.optional() }).optional() }))
    .optional(),
});
export type DefinitionInput = z.infer<typeof DefinitionInput>;

export const LocalDefinition = z.object({
  arn: Text,
  family: Text,
  revision: z.number(),
  status: z.enum(['ACTIVE', 'INACTIVE', 'DELETE_IN_PROGRESS']),
  registeredAt: Text,
  deregisteredAt: Text.nullable().default(null),
  input: DefinitionInput,
  tags: Tags,
});
export type LocalDefinition = z.infer<typeof LocalDefinition>;

export const LocalTask = z.object({
  id: Text,
  arn: Text,
  cluster: Text,
  definitionArn: Text,
  family: Text,
  container: z.object({
    name: Text,
    image: Text.nullable(),
    /** Null while the container runs, and when nobody saw its exit code. */
    exitCode: z.number().nullable(),
    reason: Text.nullable(),
  }),
  environment: z.record(Text, Text),
  overrides: z.unknown(),
  startedBy: Text.nullable(),
  launchType: Text,
  group: Text.nullable().default(null),
  capacityProviderName: Text.nullable().default(null),
  enableExecuteCommand: z.boolean().default(false),
  /** ARN of the container instance it is placed on; null on Fargate. */
  containerInstance: Text.nullable().default(null),
  /** Whether it ended in PROVISIONING, before there was a container. */
  isUnprovisioned: z.boolean().default(false),
  /** Ports of the container instance that the definition reserves. */
  hostPorts: z.array(z.int()).default([]),
  /** The network interface of a task in an awsvpc network; null in other networks. */
  attachment: z
    .object({ id: Text, subnet: Text, networkInterface: Text, isPublic: z.boolean().default(false) })
    .nullable()
    .default(null),
  tags: Tags,
  cpu: z.number(),
  memory: z.number(),
  stopTimeoutSeconds: z.number(),
  /** Counts the changes of its status, and of the status that it is to have. */
  version: z.int().default(1),
  lastStatus: EcsStatus,
  desiredStatus: z.enum(['RUNNING', 'STOPPED']),
  stopCode: Text.nullable(),
  stoppedReason: Text.nullable(),
  createdAt: Text,
  pullStartedAt: Text.nullable().default(null),
  pullStoppedAt: Text.nullable().default(null),
  startedAt: Text.nullable(),
  stoppingAt: Text.nullable(),
  executionStoppedAt: Text.nullable().default(null),
  stoppedAt: Text.nullable(),
});
export type LocalTask = z.infer<typeof LocalTask>;

/** Earlier versions kept one task for each token. */
const ClientToken = z
  .object({ requestHash: Text, arn: Text.optional(), arns: z.array(Text).default([]), createdAt: Text })
  .transform(({ arn, arns, ...rest }) => ({ ...rest, arns: arn === undefined ? arns : [arn, ...arns] }));

/** Makes a table by name without a prototype: callers choose names such as `constructor` and `__proto__`. */
function newTable<T>(entries: readonly (readonly [string, T])[] = []): Record<string, T> {
  const table = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) table[name] = value;
  return table;
}

/** z.record would make an object with a prototype, and leave `__proto__` out. */
function tableOf<T>(value: z.ZodType<T>) {
  return z
    .custom<object>((input) => typeof input === 'object' && input !== null)
    .transform((input) => newTable(Object.entries(input).map(([name, each]) => [name, value.parse(each)] as const)));
}

/** The whole state of local ECS; the state file holds it as JSON. */
export const LocalState = z.object({
  version: z.literal(1),
  clusters: tableOf(LocalCluster),
  definitions: tableOf(LocalDefinition),
  /** The last revision of each family: its number is not given again when the revision is deleted. */
  lastRevisions: tableOf(z.int()).default(() => newTable<number>()),
  tasks: tableOf(LocalTask),
  /** Settings of the account by name. */
  accountSettings: tableOf(Text).default(() => newTable<string>()),
  clientTokens: tableOf(ClientToken),
});
export type LocalState = z.infer<typeof LocalState>;

export function newCluster(name: string): LocalCluster {
  return LocalCluster.parse({ name, status: 'ACTIVE', tags: [] });
}

export function emptyState(clusterNames: readonly string[]): LocalState {
  const clusters = clusterNames.map((name) => [name, newCluster(name)] as const);
  return {
    version: 1,
    clusters: newTable(clusters),
    definitions: newTable(),
    lastRevisions: newTable(),
    tasks: newTable(),
    accountSettings: newTable(),
    clientTokens: newTable(),
  };
}
