import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseJsonBody } from '../http/parse-request.ts';

export interface SealWorld {
  /** PEM, for those who seal on their own machine. */
  readonly buildStepsPublicKey: () => Promise<string>;
  /** The text to put behind `secure:` in a build file. */
  readonly encrypt: (value: string) => Promise<string>;
}

// An SSH private key, the longest thing people seal, is below 4 KiB; 32 KiB is what execve takes for a value with ease.
const EncryptBody = z.strictObject({ value: z.string().min(1).max(32_768) });

export function sealRoutes(app: FastifyInstance, world: SealWorld): void {
  app.get('/v1/build-steps/public-key', async (_request, reply) =>
    reply.type('application/x-pem-file').send(await world.buildStepsPublicKey()),
  );
  app.post('/v1/encrypt', async (request) => ({
    secure: await world.encrypt(parseJsonBody(EncryptBody, request.body).value),
  }));
}
