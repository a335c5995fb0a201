import { z } from 'zod';
import { TagsInput } from './tags-input.ts';

const Pair = z.object({ name: z.string(), value: z.string() });
const ContainerOverride = z.looseObject({
  name: z.string(),
  environment: z.array(Pair).default([]),
  cpu: z.int().optional(),
  memory: z.int().optional(),
  memoryReservation: z.int().optional(),
});
const Overrides = z.looseObject({
  containerOverrides: z.array(ContainerOverride).default([]),
  cpu: z.string().optional(),
  memory: z.string().optional(),
  ephemeralStorage: z.object({ sizeInGiB: z.int() }).optional(),
});
const Awsvpc = z.looseObject({
  subnets: z.array(z.string()),
  assignPublicIp: z.enum(['ENABLED', 'DISABLED']).optional(),
});
/** The input of RunTask; only the parts that are used here are named. */
export const RunTaskInput = z.looseObject({
  cluster: z.string().optional(),
  taskDefinition: z.string(),
  count: z.int().min(1).max(10).default(1),
  clientToken: z.string().max(64).optional(),
  startedBy: z.string().max(128).optional(),
  group: z.string().optional(),
  launchType: z.enum(['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES']).optional(),
  capacityProviderStrategy: z.array(z.looseObject({ capacityProvider: z.string() })).default([]),
  networkConfiguration: z.looseObject({ awsvpcConfiguration: Awsvpc.optional() }).optional(),
  enableExecuteCommand: z.boolean().default(false),
  overrides: Overrides.default({ containerOverrides: [] }),
  volumeConfigurations: z.array(z.looseObject({ name: z.string() })).default([]),
  tags: TagsInput,
  propagateTags: z.enum(['TASK_DEFINITION', 'SERVICE', 'NONE']).default('NONE'),
  enableECSManagedTags: z.boolean().default(false),
});
export type RunTaskInput = z.infer<typeof RunTaskInput>;
