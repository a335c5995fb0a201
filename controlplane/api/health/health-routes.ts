import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../shared/support/clock.ts';
import type { PingAnswer } from './health-views.ts';

export interface HealthWorld {
  readonly version: string;
  readonly countTasks: () => Promise<PingAnswer['tasks']>;
  /** Empty when the node can serve: database reachable, migrations done, engine claiming; else one clause each. */
  readonly findReasonsNotReady: () => Promise<readonly string[]>;
}

export function healthRoutes(app: FastifyInstance, world: HealthWorld & { readonly clock: Clock }): void {
  // Alive means that this process answers; anything more would let a database outage restart every node.
  app.get('/healthz', async () => ({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const reasons = await world.findReasonsNotReady();
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });
  app.get('/v1/ping', async (): Promise<PingAnswer> => {
    const tasks = await world.countTasks();
    return { service: 'wip', version: world.version, now: world.clock.now().toISOString(), tasks };
  });
}
