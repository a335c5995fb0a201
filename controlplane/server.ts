import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../shared/support/clock.ts';
import type { Logger } from '../shared/support/logger.ts';
import type { ControlPlaneConfig } from './config.ts';
import { readEcsConfig } from './ecs/ecs-config.ts';
import { engineSettings } from './engine-settings.ts';
import { deliverRequests } from './outbox/deliver-requests.ts';
import { createEngine } from './engine/run/engine.ts';
import { NO_FAULTS, type EngineDeps, type Failpoint } from './engine/engine-deps.ts';
import { sweepContainers } from './engine/sweep/sweep-containers.ts';
import { createHttpServer } from './api/api-server.ts';
import { sendRequest } from './outbox/send-request.ts';
import { connectAgent } from './ssh/agent-client.ts';
import { createAgentPool } from './ssh/agent-pool.ts';
import { EcsClusterStore } from './store/clusters/ecs-cluster-store.ts';
import { DatabaseOutage } from './store/database-outage.ts';
import { openDatabase } from './store/database.ts';
import { startEmbeddedPostgres } from './postgres/embedded-postgres.ts';
import { createWakeChannel } from './store/create-wake-channel.ts';
import type { Db } from './store/schema.ts';
import { readInstallationId } from './store/settings/settings.ts';
import type { WipClass } from './tasks/basic-wip.ts';
import { sealedOptionsOf, SHIPPED_KINDS } from './tasks/kinds.ts';
import { acceptedCallers } from './node/accepted-callers.ts';
import { withAdminToken } from './api/tokens/admin-token.ts';
import { answerAgents } from './api/agents/agent-service.ts';
import { readBuildKey } from './keys/build-key.ts';
import { openBuildValue, sealBuildValue } from './keys/build-values.ts';
import { createClosers, type Closers } from './node/closers.ts';
import { createClusterSet } from './clusters/cluster-set.ts';
import { createToken } from './api/tokens/create-token.ts';
import { createDoctor } from './api/doctor/doctor-service.ts';
import { readEcsSources } from './clusters/ecs-sources.ts';
import { checkPublicUrl, listen } from './node/listen.ts';
import { readMasterKeys } from './keys/read-master-keys.ts';
import { createMetrics } from './api/metrics/metrics-service.ts';
import { announceNode, keepNodeAlive, NODE_LIVE_SECONDS } from './node/node-presence.ts';
import { answerOperators } from './api/state/state-service.ts';
import { pruneHourly } from './node/pruning.ts';
import { readReasonsNotReady, refuseWhenAlone } from './api/health/readiness.ts';
import { answerSecrets } from './api/secrets/secret-service.ts';
import { followSealingKey, requireAllKeys } from './keys/sealing-key.ts';
import { reachDatabase } from './node/reach-database.ts';
import { answerDetails } from './api/tasks/task-detail-service.ts';
import { answerUsers } from './api/tasks/task-service.ts';
import { createWatchHub } from './api/tasks/watch-hub.ts';

export interface ControlPlaneOptions {
  readonly config: ControlPlaneConfig;
  /** For `WIP_ECS__…` only; everything else of the environment is in `config`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Task classes beside those that are shipped. */
  readonly kinds?: readonly WipClass[];
  /**
   * After the database is open and before any task runs: a development system starts its local ECS here. What it
   * answers closes that again, after the engine has stopped and while agents can still report.
   */
  readonly prepare?: (parts: { db: Db; clusters: EcsClusterStore }) => Promise<() => Promise<void>>;
  /** Fault injection; given by the fault harness alone. */
  readonly failpoint?: Failpoint;
  /** Ends the wait for a database that is not there yet. */
  readonly stop?: AbortSignal;
  /** The node cannot go on; its owner should close it and end the program. */
  readonly onFatal?: (why: string) => void;
}

export interface ControlPlane {
  /** Under which agents and people reach it: the public one where there is one. */
  readonly url: string;
  /** Where this very node listens. */
  readonly address: string;
  readonly db: Db;
  close(): Promise<void>;
}

// Of thousands of containers few are spoken with at once; each connection costs a socket and some 100 kB.
const MAX_AGENT_CONNECTIONS = 256;
const AGENT_IDLE_MS = 60_000;
// The agents' default stop_budget (config.ini): task definitions must leave it that much time.
const STOP_BUDGET_SECONDS = 50;

// The leases' and that of LISTEN.
const CONNECTIONS_BESIDE_POOL = 2;

/** Builds one control-plane node from its edges, starts them in order, and stops them in reverse. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { config, clock, log } = options;
  const closers = createClosers();
  const ending = new AbortController();
  const close = async (): Promise<void> => {
    ending.abort();
    await closers.closeAll();
  };
  const outage = new DatabaseOutage(log, clock);
  try {
    const masterKey = readMasterKeys(config);
    const ecsConfig = readEcsConfig(readEcsSources(config, options.environment));
    const url = config.database_url ?? (await startEmbedded(options, closers));
    const open = (poolSize: number, applicationName: string): Db => {
      const onIdleError = (error: Error): void => outage.noteConnection(error, 'an idle connection');
      const database = openDatabase(url, { poolSize, applicationName, onIdleError });
      closers.add('database connections', () => database.close());
      return database.db;
    };
    const db = open(config.database_pool, `wip ${config.node}`);
    const leaseDb = open(1, `wip ${config.node} leases`);
    await reachDatabase(options, db);
    const store = new EcsClusterStore(db, masterKey);

    let nodes = 1;
    const metrics = createMetrics(db, () => clusters.tokens());
    const clusters = createClusterSet({
      ...options,
      db,
      store,
      ecsConfig,
      stopBudgetSeconds: STOP_BUDGET_SECONDS,
      liveNodes: () => nodes,
      onCall: metrics.onEcsCall,
    });
    closers.add('clusters', () => clusters.close());
    const agents = createAgentPool({
      connect: connectAgent,
      maxConnections: MAX_AGENT_CONNECTIONS,
      idleMs: AGENT_IDLE_MS,
      clock,
    });
    closers.add('connections to agents', () => agents.close());
    await followSealingKey(db, masterKey);
    const buildKey = await readBuildKey(db, masterKey);
    const kinds = new Map([...SHIPPED_KINDS, ...(options.kinds ?? [])].map((kind) => [kind.kind, kind]));
    const presence = { node: { name: config.node, version: options.version }, keys: masterKey, db: leaseDb };
    const keyring = { keys: masterKey, sealedOptions: sealedOptionsOf(kinds.values()) };
    await announceNode(presence);
    await requireAllKeys(db, keyring);
    let listening = config.public_url ?? '';
    const wakes = createWakeChannel({
      url,
      clock,
      outage,
      onWake: (id) => {
        engine.wake();
        if (id !== null) hub.tell(id);
      },
    });
    const world: EngineDeps = {
      ...engineSettings(options),
      outage,
      observer: metrics.engine,
      failpoint: options.failpoint ?? NO_FAULTS,
      tellNodes: wakes.tell,
      db,
      leaseDb,
      kinds,
      clusters,
      agents,
      sendRequest,
      masterKey,
      installationId: await readInstallationId(db),
      publicUrl: () => listening,
      decryptBuildValue: (text) => openBuildValue(buildKey.privateKey, text),
    };
    const engine = createEngine(world);
    const hub = createWatchHub(clock);
    const agentSide = answerAgents({ ...world, isWatched: hub.isWatched, onOutput: hub.tell });
    const { settings } = world;
    const userSide = answerUsers({
      db,
      masterKey,
      digestKey: buildKey.privateKey,
      kinds,
      settings,
      maxRunSeconds: config.max_run_seconds,
    });
    const operation = { ...options, db, node: config.node, nodeLiveSeconds: NODE_LIVE_SECONDS };
    const callers = acceptedCallers(config);
    const readiness = {
      isEnding: () => ending.signal.aborted || options.stop?.aborted === true,
      reasonsNotReady: () => engine.reasonsNotReady(),
      directory: config.database_url === undefined || config.mode === 'development' ? config.data_dir : null,
    };
    const app = createHttpServer({
      acceptedCallers: () => callers,
      isDatabaseTrouble: (error) => outage.note(error, 'a request'),
      ...agentSide,
      recordSignal: metrics.countingSignals(agentSide.recordSignal),
      ...userSide,
      addTask: refuseWhenAlone(userSide.addTask, config, readiness.isEnding),
      ...withAdminToken(config.admin_token_file, userSide),
      ...answerDetails(db),
      ...answerOperators({ ...operation, clusters: store, makeToken: createToken }),
      ...answerSecrets({ ...operation, ...keyring, methodSeconds: config.method_seconds, failpoint: world.failpoint }),
      ...createDoctor({
        ...operation,
        databaseUrl: url,
        leaseSeconds: config.lease_seconds,
        publicUrl: () => listening,
        reasonsNotReady: () => engine.reasonsNotReady(),
        findActiveCluster: () => clusters.findActive(),
        checkCluster: (name) => clusters.check(name),
        createId: () => randomBytes(8).toString('hex'),
      }),
      ...metrics,
      changes: (id, signal) => hub.changes(id, signal),
      buildStepsPublicKey: () => Promise.resolve(buildKey.publicKey),
      encrypt: (value) => Promise.resolve(sealBuildValue(buildKey.publicKey, value)),
      version: options.version,
      rates: { tokenRate: config.token_rate, containerRate: config.container_rate },
      findReasonsNotReady: () => readReasonsNotReady(readiness),
      createRequestId: () => randomUUID(),
      clock,
      log,
    });
    closers.add('HTTP server', () => app.close());
    const address = await listen(app, config);
    if (listening === '') listening = address;
    checkPublicUrl(listening, config);

    // Last, because a node that cannot listen must not have touched the containers of an earlier one; and so that it
    // is closed while agents can still report.
    const closePrepared = await options.prepare?.({ db, clusters: store });
    if (closePrepared) closers.add('local ECS', closePrepared);
    const stop = new AbortController();
    const running = [
      engine.run(stop.signal),
      sweepContainers(world, stop.signal),
      deliverRequests(world, stop.signal),
      wakes.run(stop.signal),
      keepNodeAlive({ ...options, ...presence, outage, onCount: (count) => (nodes = count) }, stop.signal),
      pruneHourly({ ...options, outage, db }, stop.signal),
    ];
    closers.add('engine', async () => {
      stop.abort();
      await Promise.all(running);
    });
    log.info({ url: listening, node: config.node }, 'control plane is ready');
    return { url: listening, address, db, close };
  } catch (error) {
    // What kept it from starting is what its owner must hear of.
    await close().catch((second: unknown) => log.warn({ err: second }, 'not all of it could be closed'));
    throw error;
  }
}

async function startEmbedded(options: ControlPlaneOptions, closers: Closers): Promise<string> {
  const { config, clock, log } = options;
  const server = await startEmbeddedPostgres({
    directory: config.data_dir,
    connections: config.database_pool + CONNECTIONS_BESIDE_POOL,
    clock,
    log,
    onUnexpectedExit: () => options.onFatal?.('the embedded database ended unexpectedly'),
  });
  closers.add('embedded database', () => server.close());
  return server.url;
}
