import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { principalOf } from '../http/access.ts';
import { parseJsonBody } from '../http/parse-request.ts';
import type { RotationAnswer, SecretsView } from './secret-views.ts';

export interface SecretsWorld {
  readonly readSecrets: () => Promise<SecretsView>;
  /**
   * Goes on with the rotation to this key for a few seconds, from its beginning or from where it was. Throws
   * MASTER_KEY_NOT_EVERYWHERE.
   */
  readonly rotateSecrets: (to: string, by: string) => Promise<RotationAnswer>;
}

const RotateBody = z.strictObject({ to: z.string().regex(/^[0-9a-f]{8}$/, 'must be the id of a master key') });

export function secretsRoutes(app: FastifyInstance, world: SecretsWorld): void {
  app.get('/v1/secrets', async (): Promise<SecretsView> => world.readSecrets());
  app.post('/v1/secrets/rotate', async (request): Promise<RotationAnswer> => {
    const { to } = parseJsonBody(RotateBody, request.body);
    return world.rotateSecrets(to, principalOf(request).name);
  });
}
