import { z } from 'zod';
import { EcsStatus } from '../containers/container.ts';

const Text = z.string();
const Tags = z.array(z.object({ key: Text, value: Text }));

export const LocalCluster = z.object({ name: Text, status: z.enum(['ACTIVE', 'INACTIVE']), tags: Tags });
export type LocalCluster = z.infer<typeof LocalCluster>;

const DefinedContainer = z.looseObject({
  name: Text,
  image: Text.optional(),
  cpu: z.number().optional(),
  memory: z.number().optional(),
  memoryReservation: z.number().optional(),
  stopTimeout: z.number().optional(),
  environment: z.array(z.object({ name: Text, value: Text })).optional(),
  command: z.array(Text).optional(),
});

/** The input of RegisterTaskDefinition; only the parts that are used here are named. */
export const DefinitionInput = z.looseObject({
  family: z.string().regex(/^[A-Za-z0-9_-]{1,255}$/),
  containerDefinitions: z.array(DefinedContainer).min(1),
});

export const LocalDefinition = z.object({
  arn: Text,
  family: Text,
  revision: z.number(),
  status: z.enum(['ACTIVE', 'INACTIVE']),
  registeredAt: Text,
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
  tags: Tags,
  cpu: z.number(),
  memory: z.number(),
  stopTimeoutSeconds: z.number(),
  lastStatus: EcsStatus,
  desiredStatus: z.enum(['RUNNING', 'STOPPED']),
  stopCode: Text.nullable(),
  stoppedReason: Text.nullable(),
  createdAt: Text,
  startedAt: Text.nullable(),
  stoppingAt: Text.nullable(),
  stoppedAt: Text.nullable(),
});
export type LocalTask = z.infer<typeof LocalTask>;

const ClientToken = z.object({ requestHash: Text, arn: Text, createdAt: Text });

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
  tasks: tableOf(LocalTask),
  clientTokens: tableOf(ClientToken),
});
export type LocalState = z.infer<typeof LocalState>;

export function emptyState(clusterNames: readonly string[]): LocalState {
  const clusters = clusterNames.map((name): [string, LocalCluster] => [name, { name, status: 'ACTIVE', tags: [] }]);
  return {
    version: 1,
    clusters: newTable(clusters),
    definitions: newTable(),
    tasks: newTable(),
    clientTokens: newTable(),
  };
}
