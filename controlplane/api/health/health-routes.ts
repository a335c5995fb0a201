import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../shared/support/clock.ts';
import type { HealthService } from './health-service.ts';
import type { PingAnswer } from './health-views.ts';

export interface HealthRouteDeps {
  readonly health: HealthService;
  readonly clock: Clock;
}

export function healthRoutes(app: FastifyInstance, { health, clock }: HealthRouteDeps): void {
  // Alive means that this process answers. With any other condition a database outage would restart every node.
  app.get('/healthz', async () => ({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const reasons = await health.findReasonsNotReady();
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });
  app.get('/v1/ping', async (): Promise<PingAnswer> => {
    const tasks = await health.countTasks();
    return { service: 'wip', version: health.version, now: clock.now().toISOString(), tasks };
  });
}
