import type { FastifyInstance } from 'fastify';
import { contract } from '../http/contract.ts';
import { z } from 'zod';
import { wholeNumber } from '../../../shared/model/whole-number.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { principalOf } from '../http/access.ts';
import { parseJsonBody, parseRequest } from '../http/parse-request.ts';
import { TokenBody } from './token-body.ts';
import type { TokenService } from './token-service.ts';
import { NewTokenAnswer, TokensAnswer, TokenView } from './token-views.ts';

const Path = z.strictObject({ id: wholeNumber(1).describe('Number of the token.') });

export function tokenRoutes(app: FastifyInstance, tokens: TokenService): void {
  app.get(
    '/v1/tokens',
    contract({ summary: 'All tokens, without their values', answers: { 200: TokensAnswer } }),
    async (): Promise<TokensAnswer> => ({ tokens: [...(await tokens.listTokens())] }),
  );
  app.post(
    '/v1/tokens',
    contract({
      summary: 'Makes a token, which only this answer has',
      body: TokenBody,
      answers: { 201: NewTokenAnswer },
    }),
    async (request, reply) => {
      const token = parseJsonBody(TokenBody, request.body);
      const created = await tokens.createToken(token, principalOf(request).name);
      return reply.code(201).send(created satisfies NewTokenAnswer);
    },
  );
  app.delete(
    '/v1/tokens/:id',
    contract({ summary: 'Revokes a token on every node', params: Path, answers: { 200: TokenView } }),
    async (request): Promise<TokenView> => {
      const { id } = parseRequest(Path, request.params, 'path');
      await tokens.revokeToken(id, principalOf(request).name);
      const token = (await tokens.listTokens()).find((one) => one.id === id);
      if (token) return token;
      throw new OperationalError('TOKEN_UNKNOWN', {
        happened: `There is no token ${id}`,
        remedy: 'See the tokens with "wipctl tokens list"',
      });
    },
  );
}
