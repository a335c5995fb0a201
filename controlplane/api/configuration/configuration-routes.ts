import type { FastifyInstance } from 'fastify';
import type { ConfigurationService } from './configuration-service.ts';
import type { ConfigurationAnswer } from './configuration-views.ts';

/** Tells what the node that answers was started with, without secrets. */
export function configurationRoutes(app: FastifyInstance, configuration: ConfigurationService): void {
  app.get('/v1/config', async (): Promise<ConfigurationAnswer> => configuration.readConfiguration());
}
