import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../shared/support/clock.ts';
import type { Logger } from '../shared/support/logger.ts';
import type { Secret } from '../shared/support/secret.ts';
import { createHttpApi } from './api/create-http-api.ts';
import { createApiServices } from './api/api-services.ts';
import { createDashboardService, type FindDashboard } from './api/dashboard/dashboard-service.ts';
import { createMetrics, type Metrics } from './api/metrics/metrics-service.ts';
import { createTaskWatchers, type TaskWatchers } from './api/tasks/task-watchers.ts';
import { readEcsSources } from './clusters/ecs-sources.ts';
import { explainSettings } from './clusters/effective-settings.ts';
import type { ControlPlaneConfig } from './config-fields.ts';
import { roleSessionName } from './ecs/credentials.ts';
import { readEcsConfig, type EcsConfig } from './ecs/ecs-config.ts';
import { engineSettings } from './engine-settings.ts';
import { deliverRequests } from './outbox/deliver-requests.ts';
import { NO_FAULTS, type EngineDeps, type Failpoint } from './engine/engine-deps.ts';
import { createIdentities } from './engine/identities.ts';
import { createSealer } from '../shared/support/sealing.ts';
import { Engine } from './engine/run/engine.ts';
import { followQueues } from './engine/sweep/follow-queues.ts';
import { reconcileNow, reportStart } from './engine/sweep/reconcile.ts';
import { sweepContainers } from './engine/sweep/sweep-containers.ts';
import { readMasterKeys } from './keys/read-master-keys.ts';
import { acceptedCallers } from './node/accepted-callers.ts';
import { cleanDefinitions } from './node/clean-definitions.ts';
import { createClosers, type Closers } from './node/closers.ts';
import { joinInstallation, type Installation } from './node/join-installation.ts';
import { checkPublicUrl, listen } from './node/listen.ts';
import { openNodeClients, type NodeClients } from './node/node-clients.ts';
import { openNodeDatabase, type NodeDatabase } from './node/node-database.ts';
import { keepNodeAlive } from './node/node-presence.ts';
import { pruneHourly } from './node/prune-hourly.ts';
import { reportMisfits } from './node/report-misfits.ts';
import { runCanaries } from './node/run-canaries.ts';
import { createSender } from './outbox/send-request.ts';
import type { EcsClusterStore } from './store/clusters/ecs-cluster-store.ts';
import { createStepStore } from './store/create-step-store.ts';
import { createWakeChannel } from './store/create-wake-channel.ts';
import { attemptsToReconcile } from './store/attempts/find-attempt.ts';
import type { Db } from './store/schema.ts';
import { NODE_LIVE_SECONDS } from './store/settings/nodes.ts';
import type { WipClass } from './tasks/basic-wip.ts';
import { sealedOptionsOf, SHIPPED_KINDS } from './tasks/kinds.ts';

export interface ControlPlaneOptions {
  readonly config: ControlPlaneConfig;
  /** For `WIP_ECS__…`, and to tell where settings are from; everything else of the environment is in `config`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The file that was named for `config`; only to tell where settings are from. */
  readonly configFile?: string | undefined;
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Task classes beside those that are shipped. */
  readonly kinds?: readonly WipClass[];
  /**
   * Called after the database is open and before any task runs: a development system starts its local ECS here. The
   * returned function closes it again, after the engine has stopped and while agents can still report.
   */
  readonly prepare?: (parts: { db: Db; clusters: EcsClusterStore }) => Promise<() => Promise<void>>;
  /** Returns the directory of the built dashboard. Without it, there is none. */
  readonly findDashboard?: FindDashboard;
  /** The token that a browser on this machine gets a session with, without signing in: of a development system. */
  readonly loopbackToken?: Secret<string>;
  /** Fault injection; given by the fault harness alone. */
  readonly failpoint?: Failpoint;
  /** Ends the wait for a database that is not there yet. */
  readonly stop?: AbortSignal;
  /** The node cannot go on; its owner should close it and end the program. */
  readonly onFatal?: (why: string) => void;
}

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
  const close = async (): Promise<void> => {
    ending.abort();
    await closers.closeAll();
  };
  try {
    const masterKeys = readMasterKeys(config);
    const ecsConfig = readEcsConfig(readEcsSources(config, options.environment));
    for (const warning of ecsConfig.warnings)
      log.warn({ ...warning }, 'a setting of the ECS configuration needs a look');
    const database = await openNodeDatabase(options, closers);
    const { db } = database;
    const metrics = createMetrics(db, () => clients.clusters.readQuotas());
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
    });
    const settings = settingsOf(options, ecsConfig);
    const node: NodeState = {
      settings,
      options,
      database,
      metrics,
      clients,
      kinds,
      installation,
      url: config.public_url ?? '',
    };
    const running = createRunning(node);
    const app = createNodeApi(node, running, ending.signal);
    closers.add('HTTP server', () => app.close());
    const address = await listen(app, config);
    if (node.url === '') node.url = address;
    checkPublicUrl(node.url, config);

    // Local ECS comes last: a node that cannot listen must not have touched the containers of an earlier one, and local
    // ECS is closed while agents can still report.
    const closePrepared = await options.prepare?.({ db, clusters: clients.clusterStore });
    if (closePrepared) closers.add('local ECS', closePrepared);
    await reportMisfits({ db, store: clients.clusterStore, clusters: clients.clusters, log });
    await startLoops(node, running, closers);
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

/** The parts of a node before it runs. */
interface NodeState {
  /** Every setting with where it is from. */
  readonly settings: ReturnType<typeof explainSettings>;
  readonly options: ControlPlaneOptions;
  readonly database: NodeDatabase;
  readonly metrics: Metrics;
  readonly clients: NodeClients;
  readonly kinds: ReadonlyMap<string, WipClass>;
  readonly installation: Installation;
  /** The address for agents and people. Without a public one it is empty until the node listens. */
  url: string;
}

interface Running {
  readonly engineDeps: EngineDeps;
  readonly engine: Engine;
  readonly watchers: TaskWatchers;
  readonly wakes: ReturnType<typeof createWakeChannel>;
}

/** Builds the engine and the channel that wakes it. Neither is started. */
function createRunning(node: NodeState): Running {
  const { options, database, metrics, clients, kinds, installation } = node;
  const watchers = createTaskWatchers(options.clock);
  const wakes = createWakeChannel({
    url: database.url,
    clock: options.clock,
    outage: database.outage,
    onWake: (id) => {
      engine.wake();
      if (id !== null) watchers.tell(id);
    },
  });
  const settings = engineSettings(options);
  const engineDeps: EngineDeps = {
    ...settings,
    outage: database.outage,
    observer: metrics.engine,
    failpoint: options.failpoint ?? NO_FAULTS,
    tellNodes: wakes.tell,
    db: database.db,
    store: createStepStore(database.db),
    identities: createIdentities(installation.keyring.keys),
    sealer: createSealer(installation.keyring.keys),
    leaseDb: database.leaseDb,
    kinds,
    clusters: clients.clusters,
    agents: clients.agents,
    sendRequest: createSender(settings.settings.outgoingHosts),
    masterKey: installation.keyring.keys,
    installationId: installation.id,
    publicUrl: () => node.url,
    decryptBuildValue: (text) => installation.buildKeys.open(text),
  };
  const engine = new Engine(engineDeps);
  return { engineDeps, engine, watchers, wakes };
}

function createNodeApi(node: NodeState, running: Running, ending: AbortSignal): FastifyInstance {
  const { options, database, clients, installation } = node;
  const { config, version, clock, log } = options;
  const services = createApiServices({
    config,
    settings: node.settings,
    version,
    db: database.db,
    databaseUrl: database.url,
    keyring: installation.keyring,
    buildKeys: installation.buildKeys,
    kinds: node.kinds,
    taskSettings: running.engineDeps.settings,
    reconcile: () => reconcileNow(running.engineDeps),
    clusters: clients.clusters,
    clusterStore: clients.clusterStore,
    metrics: node.metrics,
    watchers: running.watchers,
    tellNodes: running.engineDeps.tellNodes,
    failpoint: running.engineDeps.failpoint,
    engineReasonsNotReady: () => running.engine.reasonsNotReady(),
    isEnding: () => ending.aborted || options.stop?.aborted === true,
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
    rates: { tokenRate: config.token_rate, containerRate: config.container_rate },
    isDatabaseTrouble: (error) => database.outage.note(error, 'a request'),
    createRequestId: () => randomUUID(),
    clock,
    log,
  });
}

async function startLoops(node: NodeState, { engineDeps, engine, wakes }: Running, closers: Closers): Promise<void> {
  const { options, database, metrics, clients, installation } = node;
  const { db, outage } = database;
  const stop = new AbortController();
  // Read before a task is touched: what ends from now on was not away.
  const before = await attemptsToReconcile(db);
  const loops = [
    reportStart(engineDeps, before),
    engine.run(stop.signal),
    sweepContainers(engineDeps, stop.signal),
    followQueues(
      {
        ...engineDeps,
        listEventQueues: () => clients.clusters.listEventQueues(),
        onEvent: metrics.onEcsEvent,
      },
      stop.signal,
    ),
    deliverRequests(engineDeps, stop.signal),
    wakes.run(stop.signal),
    keepNodeAlive({ ...options, ...installation.presence, outage, onCount: clients.setLiveNodes }, stop.signal),
    pruneHourly({ ...options, outage, db }, stop.signal),
    cleanDefinitions(
      {
        ...options,
        outage,
        db,
        keep: options.config.keep_definitions,
        listRegistries: () => clients.clusters.listRegistries(),
      },
      stop.signal,
    ),
    runCanaries(
      { ...options, tasks: engineDeps, intervalSeconds: options.config.canary_seconds, outage, db },
      stop.signal,
    ),
  ];
  closers.add('engine', async () => {
    stop.abort();
    await Promise.all(loops);
  });
}
