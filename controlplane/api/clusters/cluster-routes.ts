import type { FastifyInstance } from 'fastify';
import { contract, EMPTY } from '../http/contract.ts';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import { principalOf } from '../http/access.ts';
import { parseJsonBody, parseRequest } from '../http/parse-request.ts';
import { ClusterBody } from './cluster-body.ts';
import { ClusterName } from './cluster-name.ts';
import type { ClusterService } from './cluster-service.ts';
import { ClusterCheckAnswer, ClustersAnswer, ClusterView, EcsQuotasAnswer } from './cluster-views.ts';

const Path = z.strictObject({ name: ClusterName.describe('Name of the cluster in Wip.') });
export function clusterRoutes(app: FastifyInstance, clusters: ClusterService): void {
  app.get(
    '/v1/clusters',
    contract({ summary: 'All clusters, without secrets', answers: { 200: ClustersAnswer } }),
    async (): Promise<ClustersAnswer> => ({ clusters: [...(await clusters.listClusters())] }),
  );
  app.get(
    '/v1/ecs-quotas',
    contract({ summary: 'How many calls of ECS and EC2 this node may make', answers: { 200: EcsQuotasAnswer } }),
    async (): Promise<EcsQuotasAnswer> => clusters.readQuotas(),
  );
  app.get(
    '/v1/clusters/:name',
    contract({ summary: 'One cluster, without its secret', params: Path, answers: { 200: ClusterView } }),
    async (request): Promise<ClusterView> => findCluster(clusters, nameOf(request.params)),
  );
  app.get(
    '/v1/clusters/:name/check',
    contract({
      summary: 'What launches into a cluster need of AWS',
      params: Path,
      answers: { 200: ClusterCheckAnswer },
    }),
    async (request): Promise<ClusterCheckAnswer> => clusters.examineCluster(nameOf(request.params)),
  );
  app.put(
    '/v1/clusters/:name',
    contract({ summary: 'Saves a cluster', params: Path, body: ClusterBody, answers: { 200: ClusterView } }),
    async (request): Promise<ClusterView> => {
      const name = nameOf(request.params);
      await clusters.saveCluster({ name, ...parseJsonBody(ClusterBody, request.body) }, principalOf(request).name);
      return findCluster(clusters, name);
    },
  );
  app.put(
    '/v1/clusters/:name/active',
    contract({ summary: 'Launches into this cluster from now on', params: Path, answers: { 200: ClusterView } }),
    async (request): Promise<ClusterView> => {
      const name = nameOf(request.params);
      await clusters.useCluster(name, principalOf(request).name);
      return findCluster(clusters, name);
    },
  );
  app.delete(
    '/v1/clusters/:name',
    contract({ summary: 'Deletes a cluster', params: Path, answers: { 204: EMPTY } }),
    async (request, reply) => {
      await clusters.deleteCluster(nameOf(request.params), principalOf(request).name);
      return reply.code(204).send();
    },
  );
}

function nameOf(params: unknown): string {
  return parseRequest(Path, params, 'path').name;
}

async function findCluster(clusters: ClusterService, name: string): Promise<ClusterView> {
  const cluster = (await clusters.listClusters()).find((one) => one.name === name);
  if (cluster) return cluster;
  throw new OperationalError('CLUSTER_UNKNOWN', {
    happened: `There is no cluster "${name}"`,
    remedy: 'See which there are with "wipctl clusters list"',
  });
}
