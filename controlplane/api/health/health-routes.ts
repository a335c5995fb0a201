import type { FastifyInstance } from 'fastify';
import { ANY_QUERY, contract } from '../http/contract.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { HealthService } from './health-service.ts';
import { AliveAnswer, PingAnswer, ReadyAnswer } from './health-views.ts';

export interface HealthRouteDeps {
  readonly health: HealthService;
  readonly clock: Clock;
}

export function healthRoutes(app: FastifyInstance, { health, clock }: HealthRouteDeps): void {
  // Alive means that this process answers. With any other condition a database outage would restart every node.
  app.get(
    '/healthz',
    contract({ summary: 'Whether this process lives', query: ANY_QUERY, answers: { 200: AliveAnswer } }),
    async () => ({ alive: true }),
  );
  app.get(
    '/readyz',
    contract({
      summary: 'Whether this node takes requests',
      query: ANY_QUERY,
      answers: { 200: ReadyAnswer, 503: ReadyAnswer },
    }),
    async (_request, reply) => {
      const { reasons, launches } = await health.findReadiness();
      const ready = reasons.length === 0;
      return reply.code(ready ? 200 : 503).send({ ready, reasons, ...(launches.length === 0 ? {} : { launches }) });
    },
  );
  app.get(
    '/v1/ping',
    contract({ summary: 'Version, time and tasks by status', answers: { 200: PingAnswer } }),
    async (): Promise<PingAnswer> => {
      const tasks = await health.countTasks();
      return { service: 'wip', version: health.version, now: clock.now().toISOString(), tasks };
    },
  );
}
