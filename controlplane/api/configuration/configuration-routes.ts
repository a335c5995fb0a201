import type { FastifyInstance } from 'fastify';
import { contract } from '../http/contract.ts';
import type { ConfigurationService } from './configuration-service.ts';
import { ConfigurationAnswer } from './configuration-views.ts';

/** Returns the settings with which the answering node was started, without secrets. */
export function configurationRoutes(app: FastifyInstance, configuration: ConfigurationService): void {
  app.get(
    '/v1/config',
    contract({ summary: 'The settings of the node that answers', answers: { 200: ConfigurationAnswer } }),
    async (): Promise<ConfigurationAnswer> => configuration.readConfiguration(),
  );
}
