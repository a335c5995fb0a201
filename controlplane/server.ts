import { createMetrics, createRegistry } from './api/metrics/metrics-service.ts';
import { createPoolMetrics } from './api/metrics/pool-metrics.ts';
import { createTaskTracing } from './tracing/task-tracing.ts';
import { readEcsSources } from './clusters/ecs-sources.ts';
import { explainSettings } from './clusters/effective-settings.ts';
import { roleSessionName } from './ecs/client/credentials.ts';
import { readEcsConfig, type EcsConfig } from './ecs/config/ecs-config.ts';
import { readHooks } from './hooks/hooks-file.ts';
import { readMasterKeys } from './keys/read-master-keys.ts';
import { createClosers } from './node/closers.ts';
import { createDrain } from './node/drain.ts';
import { joinInstallation } from './node/join-installation.ts';
import { checkPort, checkPublicUrl, listen } from './node/listen.ts';
import { openNodeClients } from './node/node-clients.ts';
import { openNodeDatabase } from './node/node-database.ts';
import { reportLaunchConflicts } from './node/report-launch-conflicts.ts';
import { wakeForCorrection } from './store/attempts/wake-for-correction.ts';
import type { Db } from './store/schema.ts';
import { classVersionsOf } from './tasks/checks/class-versions.ts';
import { sealedOptionsOf, SHIPPED_KINDS } from './tasks/kinds.ts';
import { createNodeApi } from './node-api.ts';
import { createNodeEngine } from './node-engine.ts';
import { startLoops } from './node-loops.ts';
import type { ControlPlaneOptions, NodeState } from './node-state.ts';

export interface ControlPlane {
  /** The address for agents and people: the public one where there is one. */
  readonly url: string;
  /** The address that this very node listens on. */
  readonly address: string;
  readonly db: Db;
  close(): Promise<void>;
}

/** Builds one control-plane node from its edges, starts them in order, and stops them in reverse. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { config, log } = options;
  const closers = createClosers();
  const ending = new AbortController();
  const drain = createDrain(options);
  const close = async (): Promise<void> => {
    ending.abort();
    drain.begin();
    await closers.closeAll();
  };
  try {
    await checkPort(config);
    const masterKeys = readMasterKeys(config);
    const ecsConfig = readEcsConfig(readEcsSources(config, options.environment));
    for (const warning of ecsConfig.warnings)
      log.warn({ ...warning }, 'a setting of the ECS configuration needs a look');
    const hooks = readHooks(config);
    const registry = createRegistry();
    const database = await openNodeDatabase({ ...options, onPoolWait: createPoolMetrics(registry) }, closers);
    const { db } = database;
    const metrics = createMetrics(db, () => clients.clusters.readQuotas(), registry);
    const sessionName = (): string => roleSessionName(installation.id, config.node);
    const clients = openNodeClients(
      { ...options, db, masterKeys, ecsConfig, sessionName, onEcsCall: metrics.onEcsCall },
      closers,
    );
    const kinds = new Map([...SHIPPED_KINDS, ...(options.kinds ?? [])].map((kind) => [kind.kind, kind]));
    const installation = await joinInstallation({
      ...database,
      name: config.node,
      version: options.version,
      keys: masterKeys,
      sealedOptions: sealedOptionsOf(kinds.values()),
      classes: classVersionsOf(kinds.values()),
      clock: options.clock,
      log,
    });
    const settings = settingsOf(options, ecsConfig);
    const node: NodeState = {
      hooks,
      settings,
      options,
      database,
      metrics,
      tracing: await createTaskTracing({
        ...options,
        db,
        node: config.node,
        installationId: installation.id,
        onTrace: metrics.onTrace,
      }),
      clients,
      kinds,
      installation,
      url: config.public_url ?? '',
    };
    const running = createNodeEngine(node);
    const app = createNodeApi(node, running, ending.signal);
    closers.add('HTTP server', async () => {
      await drain.end();
      await app.close();
    });
    const address = await listen(app, config);
    if (node.url === '') node.url = address;
    checkPublicUrl(node.url, config);

    // Local ECS comes last: a node that cannot listen must not have touched the containers of an earlier one, and local
    // ECS is closed while agents can still report.
    const closePrepared = await options.prepare?.({ db, clusters: clients.clusterStore });
    if (closePrepared) closers.add('local ECS', closePrepared);
    await reportLaunchConflicts({ db, store: clients.clusterStore, clusters: clients.clusters, log });
    await startLoops(node, running, closers);
    // The configuration that this node has read may be the corrected one.
    await wakeForCorrection(db);
    log.info({ url: node.url, address, node: config.node }, 'control plane is ready');
    return { url: node.url, address, db, close };
  } catch (error) {
    // The owner must hear of the error that kept the node from starting, and not of a second one.
    await close().catch((second: unknown) => log.warn({ err: second }, 'not all of it could be closed'));
    throw error;
  }
}

function settingsOf({ config, configFile, environment }: ControlPlaneOptions, ecsConfig: EcsConfig) {
  const from = { environment, ...(configFile === undefined ? {} : { file: configFile }) };
  return explainSettings(from, { config, ecsConfig });
}
