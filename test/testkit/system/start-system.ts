import { randomBytes, randomUUID } from 'node:crypto';
import { appendFileSync, rmSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jobIdOf } from '../../../controlplane/api/tasks/task-facts.ts';
import { createWipClient } from '../../../controlplane/cli/client/wip-client.ts';
import type { Launcher } from '../../../controlplane/localecs/launcher.ts';
import { startLocalEcs, type LocalEcs } from '../../../controlplane/localecs/start-local-ecs.ts';
import { createClosers, type Closers } from '../../../controlplane/node/closers.ts';
import { EcsClusterStore } from '../../../controlplane/store/clusters/ecs-cluster-store.ts';
import { localCluster } from '../../../controlplane/store/clusters/local-cluster.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { addApiToken } from '../../../controlplane/store/settings/api-tokens.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { createLogger, type Logger } from '../../../shared/system/logger.ts';
import { Secret } from '../../../shared/keys/secret.ts';
import { sha256Hex } from '../../../shared/keys/signing.ts';
import type { StartedWip, StartWipOptions } from '../started-wip.ts';
import { TestkitError } from '../testkit-error.ts';
import { hurriedClock, type HurriedTime } from './hurried-time.ts';
import { createAgents } from './create-agents.ts';
import { beginTakeovers } from './take-over.ts';
import { injectLocalFault } from './local-faults.ts';
import { openNodeBalancer } from './node-balancer.ts';
import { startOrphanGuard } from './orphan-guard.ts';
import { checkAwaited, checkMoreOfTask, checkStartOptions } from './check-start-options.ts';
import { OwnScripts } from './own-scripts.ts';
import { TaskScripts } from './task-scripts.ts';
import { untilTask } from './until-task.ts';
import { startWipDatabase } from './wip-database.ts';
import type { WipSettings } from './wip-node.ts';
import { loadGivenKinds, WipNodes } from './wip-nodes.ts';
import { checkGivenKind } from '../check-given-kind.ts';

// Room for two thousand containers of the default definition. The test of local ECS covers a full cluster.
const RESOURCES = { cpu: 8_192_000, memory: 32_768_000 };
// Connections of a node, and of its dead predecessors while the server has not noticed.
const POOL = 8;
const CONNECTIONS_OF_NODE = 3 * POOL;

// Whose token the tests use.
const SUBMITTER = 'testkit';
/** Defaults that protect a fleet would only make a test wait. What two cores need real time for is not hurried. */
function settingsFor(speed: number): WipSettings {
  return {
    mode: 'development',
    database_pool: POOL,
    host: '127.0.0.1',
    port: 0,
    lease_seconds: Math.min(5 * speed, 600),
    method_seconds: Math.min(30 * speed, 600),
    heartbeat_seconds: Math.min(30 * speed, 3_600),
    sweep_seconds: Math.min(speed, 600),
    ask_after_seconds: 5 * speed,
    token_rate: 10_000,
    container_rate: 10_000,
  };
}

/** Builds the parts of a system, and closes in reverse order what was started. */
export async function startSystem(options: StartWipOptions): Promise<StartedWip> {
  checkStartOptions(options);
  const closers = createClosers();
  try {
    return await build(options, closers);
  } catch (error) {
    await closers.closeAll().catch(() => undefined); // the first error is the one to hear of
    throw error;
  }
}

async function build(options: StartWipOptions, closers: Closers): Promise<StartedWip> {
  const kinds = await loadGivenKinds(options);
  const logs = openLogs(closers);
  const directory = await mkdtemp(path.join(tmpdir(), 'wip-testkit-'));
  const guard = startOrphanGuard(directory, logs.file);
  await chmod(directory, 0o711);
  closers.add('guard', () => guard.close());
  closers.add('directory', () => rm(directory, { recursive: true, force: true, maxRetries: 5 }));

  const time: HurriedTime = { originMs: systemClock.now().getTime(), speed: options.speed ?? 1 };
  const clock = hurriedClock(time);
  const database = await startWipDatabase({
    directory,
    serverUrl: options.databaseUrl ?? null,
    connections: (options.nodes ?? 1) * CONNECTIONS_OF_NODE,
    time,
    log: logs.logger('database'),
  });
  closers.add('database', () => database.close());
  const { db } = database;

  const scripts = new TaskScripts(db, options.script ?? {});
  const own = new OwnScripts(kinds, scripts);
  own.checkCommon(options.script ?? {});
  const agents = await createAgents(options.agents ?? 'simulated', {
    scripts,
    clock,
    log: logs.logger('agents'),
    ecs: () => ecs,
    directory,
    entrypoint: options.entrypoint ?? null,
  });
  const ecs = await startEcs(path.join(directory, 'ecs'), agents.launcher, { clock, log: logs.logger('local ecs') });
  closers.add('local ECS', () => ecs.close());
  closers.add('agents', () => agents.close());

  const nodes = new WipNodes({ options, kinds, directory, clock, onLogLine: logs.write });
  const balancer = await openNodeBalancer(() => nodes.urls);
  closers.add('address', () => balancer.close());
  closers.add('nodes', () => nodes.closeAll());
  const masterKey = randomBytes(32);
  const token = randomBytes(32).toString('base64url');
  await new EcsClusterStore(db, new Secret(masterKey)).save(localCluster(ecs));
  await addApiToken(db, { name: SUBMITTER, role: 'admin', tokenHash: sha256Hex(token) });
  nodes.settings = {
    ...settingsFor(time.speed),
    // The disk of this machine, which agents that are processes share with everything else, is nobody's fault.
    ...(options.agents === 'process' && { max_disk_percent: 100 }),
    ...options.settings,
    database_url: database.url,
    public_url: balancer.url,
    master_key: masterKey.toString('base64'),
  };
  for (let node = 0; node < (options.nodes ?? 1); node += 1) await nodes.start();

  const takeovers = beginTakeovers({ db, nodes, onError: (error) => scripts.noteProblem(error) });
  closers.add('takeovers', () => takeovers.close());

  const client = createWipClient({ url: balancer.url, token });
  let closed: Promise<void> | null = null;
  const close = (): Promise<void> => (closed ??= closers.closeAll());
  /** Without a system, nothing would come of what the test wants, or only after a long time. */
  const checkOpen = (what: string): void => {
    if (closed) throw new TestkitError(`${what}: the system was closed; start another one with startWip`);
  };
  return {
    url: balancer.url,
    token,
    client,
    localEcs: {
      endpoint: ecs.endpoint,
      async inject(fault) {
        checkOpen('inject');
        await injectLocalFault(ecs, fault, (taskId) => currentArn(db, taskId));
      },
      clear: () => ecs.faults.clear(),
    },
    get nodes() {
      return nodes.names;
    },
    logFile: logs.file,
    processes: scripts.started,
    get forgedSignals() {
      return scripts.forgedSignals;
    },
    async addTask(kind, taskOptions, given = {}) {
      checkOpen('addTask');
      checkGivenKind(kind);
      checkMoreOfTask(given);
      const { script, ...more } = given;
      // Left out in JavaScript: the class says which are missing.
      const options = (taskOptions as Record<string, unknown> | undefined) ?? {};
      const states = own.check(kind, options, script);
      // Known before the task is: a node may launch its container before the answer is here.
      const clientJobId = randomUUID();
      if (script) scripts.set(jobIdOf(SUBMITTER, clientJobId), script);
      const task = await client.addTask({ kind: kind.kind, options, clientJobId, ...more });
      own.add(task.id, states, script);
      takeovers.begin(TaskId.parse(task.id), script?.takeovers ?? []);
      return task;
    },
    async until(task, what = 'end', within = '60 s') {
      checkOpen('until');
      checkAwaited(task, what, within);
      const id = typeof task === 'number' ? task : task.id;
      own.checkAwaited(id, what);
      const found = await untilTask({ client, scripts, checkOpen, nodes: () => nodes.names }, id, what, within).catch(
        (error: unknown) => {
          if (closed) throw error;
          logs.keep();
          guard.keepLog();
          if (error instanceof TestkitError) error.message += `\nThe log of the nodes is ${logs.file}`;
          throw error;
        },
      );
      if (what === 'end') own.checkUse(id);
      return found;
    },
    async kill(name) {
      checkOpen('kill');
      await nodes.kill(name);
    },
    async startNode() {
      checkOpen('startNode');
      return nodes.start();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function startEcs(
  directory: string,
  launcher: Launcher,
  { clock, log }: { clock: ReturnType<typeof hurriedClock>; log: Logger },
): Promise<LocalEcs> {
  return startLocalEcs({
    directory,
    launcher,
    resources: RESOURCES,
    closeGraceMs: 0,
    clock,
    callersClock: systemClock,
    log,
  });
}

async function currentArn(db: Db, taskId: number): Promise<string | null> {
  const row = await db
    .selectFrom('containerAttempt')
    .select('arn')
    .where('taskId', '=', taskId as never)
    .where('resolvedAt', 'is', null)
    .where('arn', 'is not', null)
    .orderBy('number', 'desc')
    .executeTakeFirst();
  return row?.arn ?? null;
}

interface SystemLogs {
  readonly file: string;
  write(line: string): void;
  logger(name: string): Logger;
  /** The file stays after the end. */
  keep(): void;
}

function openLogs(closers: Closers): SystemLogs {
  const file = path.join(tmpdir(), `wip-testkit-${randomBytes(4).toString('hex')}.log`);
  let isKept = false;
  writeFileSync(file, '');
  closers.add('log', () => {
    if (!isKept) rmSync(file, { force: true });
  });
  const write = (line: string): void => appendFileSync(file, line);
  return { file, write, logger: (name) => createLogger(name, 'warn', { write }), keep: () => void (isKept = true) };
}
