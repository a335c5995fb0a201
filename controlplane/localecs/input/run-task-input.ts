import { z } from 'zod';
import { Integer, Pairs, Text, Texts } from './request-fields.ts';
import { TagsInput } from './tags-input.ts';

const Requirement = z.looseObject({ value: Text, type: Text });
const ContainerOverride = z.looseObject({
  name: Text.optional(),
  command: Texts.optional(),
  environment: Pairs.optional(),
  environmentFiles: z.array(z.looseObject({ value: Text, type: Text })).optional(),
  resourceRequirements: z.array(Requirement).optional(),
  cpu: Integer.optional(),
  memory: Integer.optional(),
  memoryReservation: Integer.optional(),
});
const Overrides = z.looseObject({
  containerOverrides: z.array(ContainerOverride).default([]),
  inferenceAcceleratorOverrides: z.array(z.looseObject({})).optional(),
  cpu: Text.optional(),
  memory: Text.optional(),
  taskRoleArn: Text.optional(),
  executionRoleArn: Text.optional(),
  ephemeralStorage: z.looseObject({ sizeInGiB: Integer }).optional(),
});
const Awsvpc = z.looseObject({
  subnets: Texts,
  securityGroups: Texts.optional(),
  assignPublicIp: z.enum(['ENABLED', 'DISABLED']).optional(),
});
/** One provider of a capacity provider strategy. */
export const ProviderItem = z.looseObject({
  capacityProvider: Text,
  weight: Integer.default(0),
  base: Integer.default(0),
});
const Constraint = z.looseObject({
  type: z.enum(['distinctInstance', 'memberOf']).optional(),
  expression: Text.optional(),
});
const Strategy = z.looseObject({
  type: z.enum(['random', 'spread', 'binpack']).optional(),
  field: Text.optional(),
});

/** The input of RunTask by its types; run-task-rules.ts has what its values may be. */
export const RunTaskInput = z.looseObject({
  cluster: Text.optional(),
  taskDefinition: Text,
  count: Integer.default(1),
  clientToken: Text.optional(),
  startedBy: Text.optional(),
  group: Text.optional(),
  referenceId: Text.optional(),
  launchType: z.enum(['EC2', 'FARGATE', 'EXTERNAL', 'MANAGED_INSTANCES']).optional(),
  platformVersion: Text.optional(),
  capacityProviderStrategy: z.array(ProviderItem).default([]),
  networkConfiguration: z.looseObject({ awsvpcConfiguration: Awsvpc.optional() }).optional(),
  placementConstraints: z.array(Constraint).default([]),
  placementStrategy: z.array(Strategy).default([]),
  enableExecuteCommand: z.boolean().default(false),
  overrides: Overrides.default({ containerOverrides: [] }),
  volumeConfigurations: z.array(z.looseObject({ name: Text })).default([]),
  tags: TagsInput,
  propagateTags: z.enum(['TASK_DEFINITION', 'SERVICE', 'NONE']).default('NONE'),
  enableECSManagedTags: z.boolean().default(false),
});
export type RunTaskInput = z.infer<typeof RunTaskInput>;
