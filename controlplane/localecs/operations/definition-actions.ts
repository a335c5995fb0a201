import { z } from 'zod';
import { AwsError } from '../protocol/aws-error.ts';
import type { LocalDefinition } from '../local-state.ts';
import { arn, arnOf, findLocalDefinition, type ActionContext } from './action-context.ts';
import { checkDefinition } from '../input/check-definition.ts';
import { definitionView } from './definition-view.ts';
import { parseInput } from '../input/parse-input.ts';
import { PAGE_FIELDS, pageOf } from './paging.ts';
import { RegisterInput } from '../input/register-input.ts';
import { checkTags } from '../input/tags-input.ts';

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
  const revision = nextRevision(context, family);
  const registered: LocalDefinition = {
    arn: arn(context, `task-definition/${family}:${revision}`),
    family,
    revision,
    status: 'ACTIVE',
    registeredAt: context.clock.now().toISOString(),
    deregisteredAt: null,
    input: definition,
    tags,
  };
  context.state.definitions[registered.arn] = registered;
  context.state.lastRevisions[family] = revision;
  await context.save();
  return { taskDefinition: definitionView(registered), tags };
}

export async function deregisterTaskDefinitionAction(context: ActionContext, input: unknown): Promise<object> {
  const { taskDefinition: reference } = parseInput(Reference, input);
  // Every ARN has colons. A revision stands behind the last one, after the family.
  if (!/:\d+$/.test(reference.split('/').at(-1) ?? ''))
    throw new AwsError('ClientException', 'Invalid revision number. Number: null');
  const definition = findLocalDefinition(context, reference);
  if (definition.status === 'ACTIVE') {
    Object.assign(definition, { status: 'INACTIVE', deregisteredAt: context.clock.now().toISOString() });
    await context.save();
  }
  return { taskDefinition: definitionView(definition) };
}

/** A revision is DELETE_IN_PROGRESS until no task uses it any more ("DeleteTaskDefinitions" of the API reference). */
export async function deleteTaskDefinitionsAction(context: ActionContext, input: unknown): Promise<object> {
  await forgetDeleted(context);
  const { taskDefinitions: references } = parseInput(Delete, input);
  const deleted: object[] = [];
  const failures: object[] = [];
  for (const reference of references) {
    const definition = Object.values(context.state.definitions).find(
      ({ arn: known, family, revision }) => known === reference || `${family}:${revision}` === reference,
    );
    if (!definition) failures.push({ arn: arnOf(context, reference, 'task-definition'), reason: 'MISSING' });
    else if (definition.status === 'ACTIVE') {
      const reason =
        'The specified task definition is still in ACTIVE status. Please deregister the target and try again.';
      failures.push({ arn: definition.arn, reason });
    } else {
      definition.status = 'DELETE_IN_PROGRESS';
      deleted.push(definitionView(definition));
    }
  }
  await context.save();
  return { taskDefinitions: deleted, failures };
}

export async function describeTaskDefinitionAction(context: ActionContext, input: unknown): Promise<object> {
  await forgetDeleted(context);
  const { taskDefinition: reference, include } = parseInput(Reference, input);
  const definition = findLocalDefinition(context, reference);
  return {
    taskDefinition: definitionView(definition),
    ...(include.includes('TAGS') ? { tags: definition.tags } : {}),
  };
}

export async function listTaskDefinitionsAction(context: ActionContext, input: unknown): Promise<object> {
  await forgetDeleted(context);
  const request = parseInput(List, input);
  const found = Object.values(context.state.definitions)
    .filter((definition) => definition.status === request.status)
    .filter(({ family }) => request.familyPrefix === undefined || family === request.familyPrefix);
  const { items, rest } = pageOf(found, request, {
    action: 'ListTaskDefinitions',
    filter: [request.status, request.familyPrefix],
    keyOf: sortedBy,
    sort: request.sort,
  });
  return { taskDefinitionArns: items.map((definition) => definition.arn), ...rest };
}

/** A family is ACTIVE as long as it has an active revision. */
export async function listTaskDefinitionFamiliesAction(context: ActionContext, input: unknown): Promise<object> {
  await forgetDeleted(context);
  const request = parseInput(ListFamilies, input);
  const all = Object.values(context.state.definitions);
  const active = new Set(all.filter(({ status }) => status === 'ACTIVE').map(({ family }) => family));
  const families = [...new Set(all.map(({ family }) => family))]
    .filter((family) => request.status === 'ALL' || active.has(family) === (request.status === 'ACTIVE'))
    .filter((family) => family.startsWith(request.familyPrefix ?? ''));
  const { items, rest } = pageOf(families, request, {
    action: 'ListTaskDefinitionFamilies',
    filter: [request.status, request.familyPrefix],
    keyOf: (family) => family,
  });
  return { families: items, ...rest };
}

/** A state of an earlier version knows no last revision of what is registered there. */
function nextRevision({ state }: ActionContext, family: string): number {
  const known = Object.values(state.definitions).filter((definition) => definition.family === family);
  return Math.max(state.lastRevisions[family] ?? 0, ...known.map(({ revision }) => revision)) + 1;
}

/** Forgets the revisions that were to be deleted and that no task uses any more. */
async function forgetDeleted(context: ActionContext): Promise<void> {
  const { definitions, tasks } = context.state;
  const running = Object.values(tasks).filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  const used = new Set(running.map(({ definitionArn }) => definitionArn));
  const gone = Object.values(definitions).filter(
    ({ arn: each, status }) => status === 'DELETE_IN_PROGRESS' && !used.has(each),
  );
  for (const { arn: each } of gone) delete definitions[each];
  if (gone.length > 0) await context.save();
}

/** By family, then by number. A blank comes before every character of a family, and a revision is an Integer. */
function sortedBy({ family, revision }: LocalDefinition): string {
  return `${family} ${String(revision).padStart(10, '0')}`;
}
