import type { FastifyInstance } from 'fastify';
import { contract } from '../http/contract.ts';
import { z } from 'zod';
import { principalOf } from '../http/access.ts';
import { parseJsonBody } from '../http/parse-request.ts';
import type { SecretService } from './secret-service.ts';
import { RotationAnswer, SecretsView } from './secret-views.ts';

const RotateBody = z.strictObject({
  to: z
    .string()
    .regex(/^[0-9a-f]{8}$/, 'must be the id of a master key')
    .describe('Id of the master key: the first eight digits of its hash.'),
});

export function secretRoutes(app: FastifyInstance, secrets: SecretService): void {
  app.get(
    '/v1/secrets',
    contract({ summary: 'Which master keys seal what', answers: { 200: SecretsView } }),
    async (): Promise<SecretsView> => secrets.readSecrets(),
  );
  app.post(
    '/v1/secrets/rotate',
    contract({
      summary: 'Goes on with a rotation of the master key for some seconds',
      body: RotateBody,
      answers: { 200: RotationAnswer },
    }),
    async (request): Promise<RotationAnswer> => {
      const { to } = parseJsonBody(RotateBody, request.body);
      return secrets.rotateSecrets(to, principalOf(request).name);
    },
  );
}
