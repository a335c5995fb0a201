import type { FastifyInstance } from 'fastify';

/**
 * Ends each connection with its next answer once the node is ending. A balancer of connections leaves out a node that is not
 * ready, and those that it has stay: a client that keeps one would send its next request at the moment at which the node closes it.
 */
export function endConnections(app: FastifyInstance, isEnding: () => boolean): void {
  app.addHook('onSend', async (_request, reply, payload) => {
    if (isEnding()) reply.header('connection', 'close');
    return payload;
  });
}
