import type { FastifyInstance } from 'fastify';

export interface Answered {
  readonly method: string;
  /** The route's pattern, never the path: paths would make a series per task. */
  readonly route: string;
  readonly status: number;
  readonly tookMs: number;
}

export interface MetricsWorld {
  /** This node's numbers in Prometheus' text format. */
  readonly readMetrics: () => Promise<{ readonly type: string; readonly text: string }>;
  /** Told after each answer. */
  readonly onAnswered: (answer: Answered) => void;
}

export function metricsRoutes(app: FastifyInstance, world: MetricsWorld): void {
  app.addHook('onResponse', async (request, reply) => {
    world.onAnswered({
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      tookMs: reply.elapsedTime,
    });
  });
  app.get('/metrics', async (_request, reply) => {
    const { type, text } = await world.readMetrics();
    return reply.type(type).send(text);
  });
}
