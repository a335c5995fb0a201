import type { FastifyInstance } from 'fastify';

/**
 * Closes each connection after its next answer once the node is ending. A load balancer of TCP connections opens no new ones to a
 * node that is not ready, but keeps the open ones: a client could send its next request at the very moment at which the node
 * closes its connection.
 */
export function closeKeptConnections(app: FastifyInstance, isEnding: () => boolean): void {
  app.addHook('onSend', async (_request, reply, payload) => {
    if (isEnding()) reply.header('connection', 'close');
    return payload;
  });
}
