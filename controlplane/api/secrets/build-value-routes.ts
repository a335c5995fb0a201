import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { principalOf } from '../http/access.ts';
import { parseJsonBody } from '../http/parse-request.ts';
import type { BuildValueService } from './build-value-service.ts';
import type { BuildKeysView } from './secret-views.ts';

// An SSH private key, the longest thing people seal, is below 4 KiB; 32 KiB is what execve takes for a value with ease.
const EncryptBody = z.strictObject({ value: z.string().min(1).max(32_768) });

export function buildValueRoutes(app: FastifyInstance, buildValues: BuildValueService): void {
  app.get('/v1/build-steps/public-key', async (_request, reply) =>
    reply.type('application/x-pem-file').send(await buildValues.publicKey()),
  );
  app.get('/v1/build-steps/public-keys', async (): Promise<BuildKeysView> => buildValues.publicKeys());
  app.post('/v1/build-steps/public-keys', async (request, reply) =>
    reply.code(201).send(await buildValues.rotateBuildKey(principalOf(request).name)),
  );
  app.post('/v1/encrypt', async (request) => ({
    secure: await buildValues.seal(parseJsonBody(EncryptBody, request.body).value),
  }));
}
