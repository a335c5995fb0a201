import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startLocalEcs, type LocalEcs } from '../../controlplane/localecs/start-local-ecs.ts';
import { EcsClusterStore } from '../../controlplane/store/clusters/ecs-cluster-store.ts';
import { localCluster } from '../../controlplane/store/clusters/local-cluster.ts';
import { addApiToken } from '../../controlplane/store/settings/api-tokens.ts';
import { readInstallationId } from '../../controlplane/store/settings/settings.ts';
import { systemClock, type Clock } from '../../shared/support/clock.ts';
import { createLogger } from '../../shared/support/logger.ts';
import { Secret } from '../../shared/support/secret.ts';
import { sha256Hex } from '../../shared/support/signing.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { createSimulatedLauncher, type SimulatedLauncher } from '../kit/simulated-launcher.ts';
import type { Behaviour } from '../kit/simulated-process.ts';
import type { FaultBase } from './fault-base.ts';
import type { FaultDatabase } from './fault-databases.ts';
import { openFrontDoor, type FrontDoor, type Weather } from './front-door.ts';
import { hurriedClock } from './hurried-time.ts';
import type { NodeFleet, RunningNode } from './node-fleet.ts';
import type { NodeOrder } from './node-order.ts';
import { openReceiver, type Receiver } from './receiver.ts';

export interface FaultSystemOptions {
  readonly databases: FaultBase;
  /** Names the directory of this system below that of the databases. */
  readonly name: string;
  readonly behave: Behaviour;
  readonly weather: Weather;
  readonly random: () => number;
  readonly leaseSeconds?: number;
  readonly onDying?: (name: string, point: string) => void;
}

/** A whole system under one roof: database, front door, local ECS with simulated agents, and nodes as processes. */
export interface FaultSystem {
  readonly database: FaultDatabase;
  readonly clock: Clock;
  readonly ecs: LocalEcs;
  readonly launcher: SimulatedLauncher;
  readonly door: FrontDoor;
  readonly receiver: Receiver;
  readonly fleet: NodeFleet;
  readonly directory: string;
  readonly installationId: string;
  startNode(order: Pick<NodeOrder, 'name'> & Partial<NodeOrder>): Promise<RunningNode>;
  /** Through the front door, as a user of the API; tried again while no node answers. */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  addTask(task: { kind: string; options: object; group?: string }): Promise<number>;
  /** `<task> <entry> <state>`: every run of a state's method, by whichever node. */
  readJournal(): Promise<string[]>;
  readNodeLog(): Promise<string>;
  close(): Promise<void>;
}

// Room for every container of the biggest schedule; what a full cluster means is local ECS's own test.
const RESOURCES = { cpu: 1_024_000, memory: 4_096_000 };

export async function startFaultSystem(options: FaultSystemOptions): Promise<FaultSystem> {
  const { databases, weather, random } = options;
  const clock = hurriedClock(databases.time);
  const directory = path.join(databases.directory, options.name);
  await mkdir(directory, { recursive: true });
  const database = await databases.fresh();
  const masterKey = randomBytes(32);
  const log = createLogger('local ecs', 'silent');
  const launcher = createSimulatedLauncher({ behave: options.behave, clock, random, log: new RecordingLog() });
  const ecs = await startLocalEcs({
    directory: path.join(directory, 'ecs'),
    launcher,
    resources: RESOURCES,
    closeGraceMs: 0,
    clock,
    callersClock: systemClock,
    log,
  });
  await new EcsClusterStore(database.db, new Secret(masterKey)).save(localCluster(ecs));
  const token = randomBytes(32).toString('base64url');
  await addApiToken(database.db, { name: 'faults', role: 'admin', tokenHash: sha256Hex(token) });

  const journal = path.join(directory, 'journal');
  const logFile = path.join(directory, 'nodes.log');
  await Promise.all([writeFile(journal, ''), writeFile(logFile, '')]);
  const fleet = databases.startFleet({
    logFile,
    onDying: options.onDying ?? (() => undefined),
  });
  const targets = (): string[] => fleet.nodes.flatMap(({ url }) => (url === null ? [] : [url]));
  const door = await openFrontDoor({ targets, weather, clock, random });
  const receiver = await openReceiver(weather, random);

  async function call(method: string, to: string, body?: unknown): Promise<unknown> {
    for (;;) {
      const answer = await fetch(new URL(to, door.url), {
        method,
        headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const text = await answer.text();
      if (answer.ok) return text === '' ? undefined : (JSON.parse(text) as unknown);
      if (answer.status < 500) throw new Error(`${method} ${to} was answered ${answer.status}: ${text}`);
      await clock.sleep(1_000);
    }
  }

  return {
    database,
    clock,
    ecs,
    launcher,
    door,
    receiver,
    fleet,
    directory,
    installationId: await readInstallationId(database.db),
    startNode: (order) =>
      fleet.start({
        databaseUrl: database.url,
        publicUrl: door.url,
        masterKey: masterKey.toString('base64'),
        leaseSeconds: options.leaseSeconds ?? 30,
        databasePool: 5,
        time: databases.time,
        journal,
        dieAt: null,
        dieAtNewPoint: null,
        isSparedUntilSave: false,
        ...order,
      }),
    call,
    async addTask(task) {
      // The same id again is the same task: a node may die between the commit and its answer.
      const clientJobId = randomBytes(8).toString('hex');
      return ((await call('POST', '/v1/tasks', { ...task, clientJobId })) as { id: number }).id;
    },
    readJournal: async () => (await readFile(journal, 'utf8')).split('\n').filter((line) => line !== ''),
    readNodeLog: () => readFile(logFile, 'utf8'),
    async close() {
      await fleet.close();
      for (const agent of launcher.agents.values()) agent.kill();
      await ecs.close();
      await door.close();
      await receiver.close();
      await database.drop();
    },
  };
}
