import type { FastifyInstance } from 'fastify';
import { contract } from '../http/contract.ts';
import { z } from 'zod';
import { principalOf } from '../http/access.ts';
import { parseJsonBody } from '../http/parse-request.ts';
import type { BuildValueService } from './build-value-service.ts';
import { BuildKeysView, SealedValueAnswer } from './secret-views.ts';

// An SSH private key, the longest value that people seal, is below 4 KiB. 32 KiB is well below the limit of execve for one
// variable.
const EncryptBody = z.strictObject({ value: z.string().min(1).max(32_768).describe('The text to seal.') });

export function buildValueRoutes(app: FastifyInstance, buildValues: BuildValueService): void {
  app.get(
    '/v1/build-steps/public-key',
    contract({
      summary: 'The key that seals values of build files',
      answers: { 200: { media: 'application/x-pem-file', description: 'The key as PEM' } },
    }),
    async (_request, reply) => reply.type('application/x-pem-file').send(await buildValues.publicKey()),
  );
  app.get(
    '/v1/build-steps/public-keys',
    contract({
      summary: 'All keys of build files as a JSON Web Key Set, the one that seals first',
      answers: { 200: BuildKeysView },
    }),
    async (): Promise<BuildKeysView> => buildValues.publicKeys(),
  );
  app.post(
    '/v1/build-steps/public-keys',
    contract({ summary: 'Makes a new key, which seals from now on', answers: { 201: BuildKeysView } }),
    async (request, reply) => reply.code(201).send(await buildValues.rotateBuildKey(principalOf(request).name)),
  );
  app.post(
    '/v1/encrypt',
    contract({ summary: 'Seals a value for a build file', body: EncryptBody, answers: { 200: SealedValueAnswer } }),
    async (request): Promise<SealedValueAnswer> => ({
      secure: await buildValues.seal(parseJsonBody(EncryptBody, request.body).value),
    }),
  );
}
