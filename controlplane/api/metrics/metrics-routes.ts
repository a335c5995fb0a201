import type { FastifyInstance } from 'fastify';
import { ANY_QUERY, contract } from '../http/contract.ts';
import type { MetricsService } from './metrics-service.ts';

export function metricsRoutes(app: FastifyInstance, metrics: MetricsService): void {
  app.addHook('onResponse', async (request, reply) => {
    metrics.onAnswered({
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      tookMs: reply.elapsedTime,
    });
  });
  app.get(
    '/metrics',
    contract({
      summary: 'Metrics for Prometheus',
      query: ANY_QUERY,
      answers: { 200: { media: 'text/plain', description: 'The text format of Prometheus' } },
    }),
    async (_request, reply) => {
      const { type, text } = await metrics.readMetrics();
      return reply.type(type).send(text);
    },
  );
}
