import { z } from 'zod';
import { DefinitionInput, type LocalDefinition } from './local-state.ts';
import { arn, epoch, findLocalDefinition, type ActionContext } from './action-context.ts';

const Tags = z.array(z.object({ key: z.string(), value: z.string().default('') })).default([]);
const Register = z.looseObject({ ...DefinitionInput.shape, tags: Tags });
const Reference = z.looseObject({ taskDefinition: z.string() });
const List = z.looseObject({
  familyPrefix: z.string().optional(),
  status: z.enum(['ACTIVE', 'INACTIVE']).default('ACTIVE'),
  sort: z.enum(['ASC', 'DESC']).default('ASC'),
});

export async function registerTaskDefinitionAction(context: ActionContext, input: unknown): Promise<object> {
  const { tags, ...definition } = Register.parse(input);
  const { family } = definition;
  const revisions = Object.values(context.state.definitions).filter((known) => known.family === family);
  const revision = Math.max(0, ...revisions.map((known) => known.revision)) + 1;
  const registered: LocalDefinition = {
    arn: arn(context, `task-definition/${family}:${revision}`),
    family,
    revision,
    status: 'ACTIVE',
    registeredAt: context.clock.now().toISOString(),
    input: definition,
    tags,
  };
  context.state.definitions[registered.arn] = registered;
  await context.save();
  return { taskDefinition: definitionView(registered), tags };
}

export async function deregisterTaskDefinitionAction(context: ActionContext, input: unknown): Promise<object> {
  const definition = findLocalDefinition(context, Reference.parse(input).taskDefinition);
  definition.status = 'INACTIVE';
  await context.save();
  return { taskDefinition: definitionView(definition) };
}

export function describeTaskDefinitionAction(context: ActionContext, input: unknown): object {
  const definition = findLocalDefinition(context, Reference.parse(input).taskDefinition);
  return { taskDefinition: definitionView(definition), tags: definition.tags };
}

export function listTaskDefinitionsAction(context: ActionContext, input: unknown): object {
  const { familyPrefix, status, sort } = List.parse(input);
  const direction = sort === 'ASC' ? 1 : -1;
  const found = Object.values(context.state.definitions)
    .filter((definition) => definition.status === status)
    .filter((definition) => familyPrefix === undefined || definition.family === familyPrefix)
    .sort((a, b) => direction * (a.family.localeCompare(b.family) || a.revision - b.revision));
  return { taskDefinitionArns: found.map((definition) => definition.arn) };
}

function definitionView(definition: LocalDefinition): object {
  return {
    ...definition.input,
    taskDefinitionArn: definition.arn,
    revision: definition.revision,
    status: definition.status,
    registeredAt: epoch(definition.registeredAt),
  };
}
