import type { FastifyInstance } from 'fastify';
import { principalOf } from '../http/access.ts';
import { contract } from '../http/contract.ts';
import { MeAnswer } from './token-views.ts';

const ME = contract({ summary: 'The owner of the token', answers: { 200: MeAnswer } });

export function meRoutes(app: FastifyInstance): void {
  app.get('/v1/me', ME, (request): MeAnswer => {
    const { name, role, groups = [] } = principalOf(request);
    return { name, role, groups: [...groups] };
  });
}
