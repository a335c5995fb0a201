import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { wholeNumber } from '../../../shared/model/whole-number.ts';
import { contract } from '../http/contract.ts';
import { parseRequest } from '../http/parse-request.ts';
import type { DefinitionService } from './definition-service.ts';
import {
  DefinitionDetailView,
  DefinitionFilters,
  DefinitionDiffAnswer,
  DefinitionsAnswer,
} from './definition-views.ts';

const Id = wholeNumber(1);
const Path = z.strictObject({ id: Id.describe('Number of the task definition: `id` of the list.') });
const DiffQuery = z.strictObject({ before: Id.describe('Number of the task definition to compare with.') });

export function definitionRoutes(app: FastifyInstance, definitions: DefinitionService): void {
  const list = {
    summary: 'The task definitions that were registered, the newest first',
    query: DefinitionFilters,
    answers: { 200: DefinitionsAnswer },
  };
  app.get('/v1/task-definitions', contract(list), async (request): Promise<DefinitionsAnswer> => {
    const { family } = parseRequest(DefinitionFilters, request.query, 'query');
    return { definitions: [...(await definitions.listDefinitions({ family }))] };
  });
  const one = {
    summary: 'One task definition as it was registered',
    params: Path,
    answers: { 200: DefinitionDetailView },
  };
  app.get('/v1/task-definitions/:id', contract(one), async (request): Promise<DefinitionDetailView> =>
    definitions.readDefinition(parseRequest(Path, request.params, 'path').id),
  );
  const diff = {
    summary: 'In what a task definition differs from another',
    params: Path,
    query: DiffQuery,
    answers: { 200: DefinitionDiffAnswer },
  };
  app.get('/v1/task-definitions/:id/diff', contract(diff), async (request): Promise<DefinitionDiffAnswer> => {
    const { id } = parseRequest(Path, request.params, 'path');
    const { before } = parseRequest(DiffQuery, request.query, 'query');
    return definitions.diffDefinitions({ before, after: id });
  });
}
