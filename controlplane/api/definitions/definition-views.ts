import { z } from 'zod';
import { Count, Facts, Instant } from '../view-fields.ts';

/** A revision of a task definition that this installation registered. */
export const DefinitionView = z.object({
  id: z.number().int(),
  family: z.string(),
  revision: z.number().int(),
  arn: z.string(),
  region: z.string(),
  cluster: z.string(),
  state: z
    .enum(['active', 'retired', 'deregistered'])
    .describe('retired: no launch uses it any more; deregistered: ECS shows it as INACTIVE.'),
  registeredAt: Instant,
  usedAt: Instant.describe('Last use by a launch, to the hour.'),
  containers: Count,
  tasks: z.array(z.number().int()).describe('Tasks whose containers are pinned to it.'),
});
export type DefinitionView = z.infer<typeof DefinitionView>;
export const DefinitionsAnswer = z.object({ definitions: z.array(DefinitionView) });
export type DefinitionsAnswer = z.infer<typeof DefinitionsAnswer>;

export const DefinitionDetailView = DefinitionView.extend({
  definition: Facts.describe('The input of RegisterTaskDefinition.'),
});
export type DefinitionDetailView = z.infer<typeof DefinitionDetailView>;

export const DefinitionDifference = z.object({ path: z.string(), before: z.unknown(), after: z.unknown() });
export type DefinitionDifference = z.infer<typeof DefinitionDifference>;
export const DefinitionDiffAnswer = z.object({
  before: DefinitionView,
  after: DefinitionView,
  differences: z.array(DefinitionDifference),
});
export type DefinitionDiffAnswer = z.infer<typeof DefinitionDiffAnswer>;

export const DefinitionFilters = z.strictObject({
  family: z.string().min(1).max(255).optional().describe('Name of the family; without it, all of them.'),
});
