import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { messageOf, OperationalError } from '../shared/model/error.ts';
import type { Clock } from '../shared/support/clock.ts';
import type { Logger } from '../shared/support/logger.ts';
import { seal, unseal } from '../shared/support/sealing.ts';
import { Secret } from '../shared/support/secret.ts';
import { ecsConfigPlaces, type ControlPlaneConfig } from './config.ts';
import { environmentSource } from './ecs/environment-source.ts';
import { readEcsConfig } from './ecs/ecs-config.ts';
import { parseYamlSource } from './ecs/yaml-source.ts';
import { createEngine } from './engine/engine.ts';
import type { EngineWorld } from './engine/engine-world.ts';
import { sweepContainers } from './engine/sweep.ts';
import { createHttpServer } from './http/http-server.ts';
import { connectAgent } from './ssh/agent-client.ts';
import { createAgentPool } from './ssh/agent-pool.ts';
import { EcsClusterStore } from './store/clusters/ecs-cluster-store.ts';
import { openDatabase } from './store/database.ts';
import { startEmbeddedPostgres } from './store/embedded-postgres.ts';
import { listenForWakes } from './store/listen-for-wakes.ts';
import { migrate } from './store/migrate.ts';
import { pruneFinished } from './store/prune-finished.ts';
import type { Db } from './store/schema.ts';
import { forgetDeadNodes, heartbeatNode, liveNodes, removeNode } from './store/settings/nodes.ts';
import { addSetting, getSetting, readInstallationId } from './store/settings/settings.ts';
import type { WipClass } from './tasks/basic-wip.ts';
import { SHIPPED_KINDS } from './tasks/kinds.ts';
import { withAdminToken } from './world/admin-token.ts';
import { answerAgents } from './world/agent-side.ts';
import { createBuildKey, openBuildValue, sealBuildValue, type BuildKey } from './world/build-values.ts';
import { createClusterSet } from './world/cluster-set.ts';
import { createDoctor } from './world/doctor.ts';
import { readMasterKey } from './world/master-key.ts';
import { createMetrics } from './world/metrics.ts';
import { answerOperators } from './world/operator-side.ts';
import { answerDetails } from './world/task-details.ts';
import { answerUsers } from './world/user-side.ts';
import { createWatchHub } from './world/watch-hub.ts';

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
  readonly failpoint?: EngineWorld['failpoint'];
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

// Three words a lease: a node that has missed them all is not counted when the ECS quotas are shared out.
const NODE_HEARTBEAT_MS = 10_000;
const NODE_LIVE_SECONDS = 35;
// Retention is counted in days, so an hour more does not matter; a batch is one short transaction.
const PRUNE_INTERVAL_MS = 3_600_000;
const PRUNE_BATCH = 200;
// So that somebody who looks the next morning still finds the node that died.
const NODE_KEPT_DAYS = 7;
// Of thousands of containers few are spoken with at once; each connection costs a socket and some 100 kB.
const MAX_AGENT_CONNECTIONS = 256;
const AGENT_IDLE_MS = 60_000;
// The agents' default stop_budget (config.ini): task definitions must leave it that much time.
const STOP_BUDGET_SECONDS = 50;

/** Builds one control-plane node from its edges, starts them in order, and stops them in reverse. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { config, clock, log } = options;
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const masterKey = readMasterKey(config);
    const ecsConfig = readEcsConfig(ecsSources(options));
    const url = config.database_url ?? (await startEmbedded(options, closers));
    const open = (poolSize: number, applicationName: string): Db => {
      const onIdleError = (error: Error): void => log.warn({ err: error }, 'an idle database connection broke');
      const database = openDatabase(url, { poolSize, applicationName, onIdleError });
      closers.push(() => database.close());
      return database.db;
    };
    const db = open(config.database_pool, `wip ${config.node}`);
    const leaseDb = open(1, `wip ${config.node} leases`);
    await migrate(db);
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
    closers.push(async () => clusters.close());
    const agents = createAgentPool({
      connect: connectAgent,
      maxConnections: MAX_AGENT_CONNECTIONS,
      idleMs: AGENT_IDLE_MS,
      clock,
    });
    closers.push(() => agents.close());
    const buildKey = await readBuildKey(db, masterKey);
    const kinds = new Map([...SHIPPED_KINDS, ...(options.kinds ?? [])].map((kind) => [kind.kind, kind]));
    let listening = config.public_url ?? '';
    const world: EngineWorld = {
      ...engineSettings(options),
      failpoint: async (name, where) => {
        metrics.onPoint(name);
        await options.failpoint?.(name, where);
      },
      onClaimed: metrics.onClaimed,
      db,
      leaseDb,
      kinds,
      clusters,
      agents,
      masterKey,
      installationId: await readInstallationId(db),
      publicUrl: () => listening,
      decryptBuildValue: (text) => openBuildValue(buildKey.privateKey, text),
    };
    const engine = createEngine(world);
    const hub = createWatchHub(clock);
    const agentSide = answerAgents({ ...world, isWatched: hub.isWatched, onOutput: hub.tell });
    const userSide = answerUsers({ db, masterKey, kinds, maxRunSeconds: config.max_run_seconds });
    const operation = { ...options, db, node: config.node, nodeLiveSeconds: NODE_LIVE_SECONDS };
    const app = createHttpServer({
      ...agentSide,
      recordSignal: metrics.countingSignals(agentSide.recordSignal),
      ...userSide,
      ...withAdminToken(config.admin_token_file, userSide),
      ...answerDetails(db),
      ...answerOperators({ ...operation, clusters: store, makeToken: createToken }),
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
      findReasonsNotReady: () => Promise.resolve(engine.reasonsNotReady()),
      createRequestId: () => randomUUID(),
      clock,
      log,
    });
    closers.push(() => app.close());
    const address = await listen(app, config);
    if (listening === '') listening = address;
    checkPublicUrl(listening, config);

    // Last, because a node that cannot listen must not have touched the containers of an earlier one; and so that it
    // is closed while agents can still report.
    const closePrepared = await options.prepare?.({ db, clusters: store });
    if (closePrepared) closers.push(closePrepared);
    const stop = new AbortController();
    const running = [
      engine.run(stop.signal),
      sweepContainers(world, stop.signal),
      listenForWakes(
        {
          url,
          clock,
          log,
          onWake: (id) => {
            engine.wake();
            if (id !== null) hub.tell(id);
          },
        },
        stop.signal,
      ),
      keepNodeAlive(options, leaseDb, (count) => (nodes = count), stop.signal),
      pruneHourly(options, db, stop.signal),
    ];
    closers.push(async () => {
      stop.abort();
      await Promise.all(running);
    });
    log.info({ url: listening, node: config.node }, 'control plane is ready');
    return { url: listening, address, db, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startEmbedded(options: ControlPlaneOptions, closers: (() => Promise<void>)[]): Promise<string> {
  const { config, clock, log } = options;
  const server = await startEmbeddedPostgres({
    directory: config.data_dir,
    clock,
    log,
    onUnexpectedExit: () => options.onFatal?.('the embedded database ended unexpectedly'),
  });
  closers.push(() => server.close());
  return server.url;
}

function engineSettings({ config, clock, log }: ControlPlaneOptions) {
  return {
    settings: {
      buildTool: config.build_tool.split(/\s+/).filter((word) => word !== ''),
      maxDiskPercent: config.max_disk_percent,
      maxContainerSeconds: config.max_container_seconds ?? null,
      pipelines: { statsKey: config.pipelines_stats_key ?? null },
      askAfterSeconds: config.ask_after_seconds,
      giveUpAfterSeconds: config.give_up_after_seconds,
      startSeconds: config.start_seconds,
    },
    node: config.node,
    leaseSeconds: config.lease_seconds,
    concurrency: config.concurrency,
    methodSeconds: config.method_seconds,
    heartbeatSeconds: config.heartbeat_seconds,
    sweepSeconds: config.sweep_seconds,
    clock,
    log,
  };
}

function ecsSources({ config, environment }: ControlPlaneOptions): Parameters<typeof readEcsConfig>[0] {
  const files = ecsConfigPlaces(config, shippedEcsConfig()).flatMap(({ path, mustExist }) => {
    if (!mustExist && !existsSync(path)) return [];
    try {
      return [parseYamlSource(path, readFileSync(path, 'utf8'))];
    } catch (cause) {
      if (cause instanceof OperationalError) throw cause;
      throw new OperationalError('CONFIG_INVALID', {
        happened: `The ECS configuration ${path} cannot be read: ${messageOf(cause)}`,
        remedy: 'Make it readable, or name another file',
        cause,
      });
    }
  });
  return [...files, environmentSource(environment)];
}

/** Beside the sources in a checkout, one directory further up from dist/ in the published package. */
function shippedEcsConfig(): string {
  const candidates = ['../config/config.ecs.yml', '../../config/config.ecs.yml'];
  const paths = candidates.map((candidate) => fileURLToPath(new URL(candidate, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? paths[0]!;
}

const BUILD_KEY_PLACE = 'setting/buildKey';

/** Made with the first start; of two nodes that start at once the later one's key is thrown away. */
async function readBuildKey(db: Db, masterKey: Secret<Buffer>): Promise<BuildKey> {
  const stored = await getSetting(db, 'buildKey');
  if (typeof stored === 'string') return JSON.parse(unseal(masterKey.reveal(), stored, BUILD_KEY_PLACE)) as BuildKey;
  await addSetting(db, 'buildKey', seal(masterKey.reveal(), JSON.stringify(createBuildKey()), BUILD_KEY_PLACE));
  return readBuildKey(db, masterKey);
}

async function listen(app: FastifyInstance, config: ControlPlaneConfig): Promise<string> {
  try {
    return await app.listen({ host: config.host, port: config.port });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw cause;
    throw new OperationalError('PORT_IN_USE', {
      happened: `The control plane cannot listen on ${config.host}:${config.port}: ${code === 'EACCES' ? 'this user may not' : 'another program does'}`,
      remedy: 'Stop that program, or choose another port with --port or WIP_PORT (0 takes a free one)',
      cause,
    });
  }
}

/** Agents send secrets of their container there: in the clear only where nobody else listens. */
function checkPublicUrl(url: string, config: ControlPlaneConfig): void {
  const { protocol, hostname } = new URL(url);
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
  if (protocol === 'https:' || isLoopback || config.allow_http) return;
  throw new OperationalError('CONFIG_INVALID', {
    happened: `Agents would report to ${url} without encryption`,
    remedy: 'Set public_url to the https address of this service, or allow_http to true if the network is trusted',
  });
}

async function keepNodeAlive(
  { config, clock, log, version }: ControlPlaneOptions,
  db: Db,
  onCount: (count: number) => void,
  stop: AbortSignal,
): Promise<void> {
  while (!stop.aborted) {
    try {
      await heartbeatNode(db, { name: config.node, version });
      onCount(Math.max(1, (await liveNodes(db, NODE_LIVE_SECONDS)).length));
    } catch (error) {
      log.warn({ err: error }, 'the heartbeat of this node failed');
    }
    await clock.sleep(NODE_HEARTBEAT_MS, stop);
  }
  await removeNode(db, config.node).catch((error: unknown) => log.warn({ err: error }, 'removing this node failed'));
}

async function pruneHourly({ clock, log }: ControlPlaneOptions, db: Db, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    try {
      while ((await pruneFinished(db, PRUNE_BATCH)) === PRUNE_BATCH && !stop.aborted);
      await forgetDeadNodes(db, NODE_KEPT_DAYS);
    } catch (error) {
      log.warn({ err: error }, 'pruning finished tasks failed');
    }
    await clock.sleep(PRUNE_INTERVAL_MS, stop);
  }
}

/** 256 random bits, for tokens that a development system makes for itself. */
export function createToken(): Secret<string> {
  return new Secret(`wip_${randomBytes(32).toString('base64url')}`);
}
