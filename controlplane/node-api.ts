import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { createHttpApi } from './api/create-http-api.ts';
import { createApiServices } from './api/api-services.ts';
import { createDashboardService } from './api/dashboard/dashboard-service.ts';
import { reconcileNow } from './engine/sweep/reconcile.ts';
import { acceptedCallers } from './node/accepted-callers.ts';
import { NODE_LIVE_SECONDS } from './store/settings/node-life.ts';
import type { NodeEngine } from './node-engine.ts';
import type { NodeState } from './node-state.ts';

/** Builds the HTTP API of the node. It does not listen. */
export function createNodeApi(node: NodeState, running: NodeEngine, ending: AbortSignal): FastifyInstance {
  const { options, database, clients, installation } = node;
  const { config, version, clock, log } = options;
  const isEnding = (): boolean => ending.aborted || options.stop?.aborted === true;
  const services = createApiServices({
    config,
    settings: node.settings,
    version,
    db: database.requestDb,
    nodeDb: database.db,
    databaseUrl: database.url,
    keyring: installation.keyring,
    buildKeys: installation.buildKeys,
    kinds: node.kinds,
    hooks: node.hooks,
    taskSettings: running.engineDeps.settings,
    reconcile: () => reconcileNow(running.engineDeps),
    clusters: clients.clusters,
    clusterStore: clients.clusterStore,
    metrics: node.metrics,
    watchers: running.watchers,
    notifyNodes: running.engineDeps.notifyNodes,
    failpoint: running.engineDeps.failpoint,
    whyEngineNotReady: () => running.engine.whyNotReady(),
    hasNamesake: () => installation.presence.namesake.isThere,
    isEnding,
    publicUrl: () => node.url,
    nodeLiveSeconds: NODE_LIVE_SECONDS,
    dashboard: createDashboardService(options.findDashboard),
    loopbackToken: options.loopbackToken ?? null,
    clock,
    log,
  });
  return createHttpApi({
    services,
    acceptedCallers: acceptedCallers(config),
    isEnding,
    rates: { tokenRate: config.token_rate, containerRate: config.container_rate },
    whyDatabaseFailed: (error) => database.outage.noteRequest(error),
    createRequestId: () => randomUUID(),
    clock,
    log,
  });
}
