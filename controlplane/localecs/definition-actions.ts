import { z } from 'zod';
import { AwsError } from './aws-error.ts';
import type { LocalDefinition } from './local-state.ts';
import { arn, epoch, findLocalDefinition, type ActionContext } from './action-context.ts';
import { checkDefinition } from './check-definition.ts';
import { parseInput } from './parse-input.ts';
import { PAGE_FIELDS, pageOf } from './paging.ts';
import { RegisterInput } from './register-input.ts';
import { checkTags } from './tags-input.ts';

const Reference = z.looseObject({ taskDefinition: z.string(), include: z.array(z.enum(['TAGS'])).default([]) });
/** The API reference takes ten at once. */
const Delete = z.looseObject({ taskDefinitions: z.array(z.string()).min(1).max(10) });
const List = z.looseObject({
  familyPrefix: z.string().optional(),
  status: z.enum(['ACTIVE', 'INACTIVE', 'DELETE_IN_PROGRESS']).default('ACTIVE'),
  sort: z.enum(['ASC', 'DESC']).default('ASC'),
  ...PAGE_FIELDS,
});
const ListFamilies = z.looseObject({
  familyPrefix: z.string().optional(),
  status: z.enum(['ACTIVE', 'INACTIVE', 'ALL']).default('ACTIVE'),
  ...PAGE_FIELDS,
});

export async function registerTaskDefinitionAction(context: ActionContext, input: unknown): Promise<object> {
  const { tags, ...definition } = parseInput(RegisterInput, input, 'ClientException');
  checkDefinition(definition);
  checkTags(tags);
  const refused = context.whyRefused(definition);
  if (refused !== null) throw new AwsError('ClientException', refused);
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
  const { taskDefinition: reference } = parseInput(Reference, input);
  // Every ARN has colons. A revision stands behind the last one, after the family.
  if (!/:\d+$/.test(reference.split('/').at(-1) ?? ''))
    throw new AwsError('ClientException', 'Invalid revision number. Number: null');
  const definition = findLocalDefinition(context, reference);
  definition.status = 'INACTIVE';
  await context.save();
  return { taskDefinition: definitionView(definition) };
}

/** Local ECS forgets them at once: it has no services that could still use one. */
export async function deleteTaskDefinitionsAction(context: ActionContext, input: unknown): Promise<object> {
  const { taskDefinitions: references } = parseInput(Delete, input);
  const deleted: object[] = [];
  const failures: object[] = [];
  for (const reference of references) {
    const definition = Object.values(context.state.definitions).find(
      ({ arn: known, family, revision }) => known === reference || `${family}:${revision}` === reference,
    );
    if (!definition) failures.push({ arn: reference, reason: 'MISSING' });
    else if (definition.status === 'ACTIVE') {
      const reason =
        'The specified task definition is still in ACTIVE status. Please deregister the target and try again.';
      failures.push({ arn: definition.arn, reason });
    } else {
      delete context.state.definitions[definition.arn];
      deleted.push({ ...definitionView(definition), status: 'DELETE_IN_PROGRESS' });
    }
  }
  await context.save();
  return { taskDefinitions: deleted, failures };
}

export function describeTaskDefinitionAction(context: ActionContext, input: unknown): object {
  const { taskDefinition: reference, include } = parseInput(Reference, input);
  const definition = findLocalDefinition(context, reference);
  return {
    taskDefinition: definitionView(definition),
    ...(include.includes('TAGS') ? { tags: definition.tags } : {}),
  };
}

export function listTaskDefinitionsAction(context: ActionContext, input: unknown): object {
  const request = parseInput(List, input);
  const direction = request.sort === 'ASC' ? 1 : -1;
  const found = Object.values(context.state.definitions)
    .filter((definition) => definition.status === request.status)
    .filter(({ family }) => request.familyPrefix === undefined || family === request.familyPrefix)
    .sort((a, b) => direction * (a.family.localeCompare(b.family) || a.revision - b.revision));
  const { items, rest } = pageOf(found, request);
  return { taskDefinitionArns: items.map((definition) => definition.arn), ...rest };
}

/** A family is ACTIVE as long as it has an active revision. */
export function listTaskDefinitionFamiliesAction(context: ActionContext, input: unknown): object {
  const request = parseInput(ListFamilies, input);
  const all = Object.values(context.state.definitions);
  const active = new Set(all.filter(({ status }) => status === 'ACTIVE').map(({ family }) => family));
  const families = [...new Set(all.map(({ family }) => family))]
    .filter((family) => request.status === 'ALL' || active.has(family) === (request.status === 'ACTIVE'))
    .filter((family) => family.startsWith(request.familyPrefix ?? ''))
    .sort();
  const { items, rest } = pageOf(families, request);
  return { families: items, ...rest };
}

function definitionView(definition: LocalDefinition): object {
  const { requiresCompatibilities = [] } = definition.input;
  return {
    ...definition.input,
    compatibilities: requiresCompatibilities.length > 0 ? [...new Set(requiresCompatibilities)] : ['EC2'],
    taskDefinitionArn: definition.arn,
    revision: definition.revision,
    status: definition.status,
    registeredAt: epoch(definition.registeredAt),
  };
}
