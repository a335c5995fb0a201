import type { FastifyInstance } from 'fastify';

/**
 * Answers are of one moment and of one caller; some hold a token or a signing key. A 404 or 405 that does not forbid it may be kept
 * by a proxy (RFC 9111, 4.2.2), where a task that is added next would not be found. What may be kept says so itself. No browser may
 * take an answer for another type than it says: the output of a build could be markup.
 */
export function forbidStorage(app: FastifyInstance): void {
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  });
}
