import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { principalOf } from '../http/access.ts';
import { parseJsonBody } from '../http/parse-request.ts';
import type { SecretService } from './secret-service.ts';
import type { RotationAnswer, SecretsView } from './secret-views.ts';

const RotateBody = z.strictObject({ to: z.string().regex(/^[0-9a-f]{8}$/, 'must be the id of a master key') });

export function secretRoutes(app: FastifyInstance, secrets: SecretService): void {
  app.get('/v1/secrets', async (): Promise<SecretsView> => secrets.readSecrets());
  app.post('/v1/secrets/rotate', async (request): Promise<RotationAnswer> => {
    const { to } = parseJsonBody(RotateBody, request.body);
    return secrets.rotateSecrets(to, principalOf(request).name);
  });
}
