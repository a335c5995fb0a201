import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Name } from '../../../shared/model/identifier.ts';
import { contract } from '../http/contract.ts';
import { parseRequest } from '../http/parse-request.ts';
import type { KindService } from './kind-service.ts';
import { KindsAnswer, KindTableAnswer } from './kind-views.ts';

const Path = z.strictObject({ kind: Name.describe('Name of the kind, such as `BuildSteps`.') });
const LIST = contract({ summary: 'The kinds of tasks that this node runs', answers: { 200: KindsAnswer } });
const TABLE = contract({
  summary: 'The state table of a kind, and where a drawing places its states',
  params: Path,
  answers: { 200: KindTableAnswer },
});

export function kindRoutes(app: FastifyInstance, kinds: KindService): void {
  app.get('/v1/kinds', LIST, (): KindsAnswer => ({ kinds: kinds.listKinds().map((kind) => ({ kind })) }));
  app.get('/v1/kinds/:kind/table', TABLE, (request): Promise<KindTableAnswer> => {
    const { kind } = parseRequest(Path, request.params, 'path');
    return kinds.readTable(kind);
  });
}
