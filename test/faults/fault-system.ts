import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startLocalEcs, type LocalEcs } from '../../controlplane/localecs/start-local-ecs.ts';
import { EcsClusterStore, type StoredCluster } from '../../controlplane/store/clusters/ecs-cluster-store.ts';
import { localCluster } from '../../controlplane/store/clusters/local-cluster.ts';
import { addApiToken } from '../../controlplane/store/settings/api-tokens.ts';
import { readInstallationId } from '../../controlplane/store/settings/settings.ts';
import { systemClock, type Clock } from '../../shared/time/clock.ts';
import { createLogger } from '../../shared/system/logger.ts';
import { Secret } from '../../shared/keys/secret.ts';
import { sha256Hex } from '../../shared/keys/signing.ts';
import { shareAccessKey } from '../kit/ecs/local-ecs.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { createSimulatedLauncher, type SimulatedLauncher } from '../testkit/agent/simulated-launcher.ts';
import type { Behaviour } from '../testkit/agent/simulated-process.ts';
import { CLUSTER_ROWS, ECS_CLUSTERS, REGIONS, type Meaning, type Region } from './cluster-rows.ts';
import { askAgain } from './ask-again.ts';
import type { FaultBase } from './fault-base.ts';
import type { FaultDatabase } from './fault-databases.ts';
import { openFrontDoor, type FrontDoor, type Weather } from './front-door.ts';
import { hurriedClock } from '../testkit/system/hurried-time.ts';
import type { FleetOptions, NodeFleet, RunningNode } from './node-fleet.ts';
import type { NodeOrder } from './node-order.ts';
import { openReceiver, type Receiver } from './receiver.ts';

export interface FaultSystemOptions {
  readonly databases: FaultBase;
  /** Name of this system's directory below that of the databases. */
  readonly name: string;
  readonly behave: Behaviour;
  readonly weather: Weather;
  readonly random: () => number;
  readonly leaseSeconds?: number;
  readonly onDying?: (name: string, point: string) => void;
  readonly onPoint?: FleetOptions['onPoint'];
}

/** A whole system in one place: database, front door, local ECS with simulated agents, and nodes as processes. */
export interface FaultSystem {
  readonly database: FaultDatabase;
  readonly clock: Clock;
  readonly regions: Regions;
  /** Returns the region in which the ECS task of this ARN runs. */
  regionOf(arn: string): LocalEcs;
  readonly clusters: EcsClusterStore;
  readonly launcher: SimulatedLauncher;
  readonly door: FrontDoor;
  readonly receiver: Receiver;
  readonly fleet: NodeFleet;
  readonly directory: string;
  readonly installationId: string;
  startNode(order: Pick<NodeOrder, 'name'> & Partial<NodeOrder>): Promise<RunningNode>;
  /**
   * Calls the API through the front door, as a user. The call is repeated while no node answers, so it must be one
   * that may arrive twice. Throws TooSlow when that lasts for minutes of real time.
   */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
  addTask(task: { kind: string; options: object; group?: string }): Promise<number>;
  /** Returns `<task> <entry> <state>` for every run of a state's method, on any node. */
  readJournal(): Promise<string[]>;
  readNodeLog(): Promise<string>;
  close(): Promise<void>;
}

export type Regions = Readonly<Record<Region, LocalEcs>>;

/** Returns a row of `ecs_cluster` with this meaning. */
export function storedCluster(regions: Regions, name: string, { region, cluster }: Meaning): StoredCluster {
  return { ...localCluster(regions[region]), name, region, cluster };
}

// Room for every container of the biggest schedule. The test of local ECS covers a full cluster.
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
  const startRegion = (region: Region): Promise<LocalEcs> =>
    startLocalEcs({
      directory: path.join(directory, `ecs-${region}`),
      clusters: ECS_CLUSTERS,
      region,
      launcher,
      resources: RESOURCES,
      closeGraceMs: 0,
      clock,
      callersClock: systemClock,
      log,
    });
  const local = await startRegion('local');
  // The regions belong to one account: its access key opens both.
  await shareAccessKey(path.join(directory, 'ecs-local'), path.join(directory, 'ecs-elsewhere'));
  const regions: Regions = { local, elsewhere: await startRegion('elsewhere') };
  const clusters = new EcsClusterStore(database.db, new Secret(masterKey));
  for (const [name, meaning] of Object.entries(CLUSTER_ROWS))
    await clusters.save(storedCluster(regions, name, meaning));
  const token = randomBytes(32).toString('base64url');
  await addApiToken(database.db, { name: 'faults', role: 'admin', tokenHash: sha256Hex(token) });

  const journal = path.join(directory, 'journal');
  const logFile = path.join(directory, 'nodes.log');
  await Promise.all([writeFile(journal, ''), writeFile(logFile, '')]);
  const fleet = databases.startFleet({
    logFile,
    onDying: options.onDying ?? (() => undefined),
    ...(options.onPoint && { onPoint: options.onPoint }),
  });
  const targets = (): string[] => fleet.nodes.flatMap(({ url }) => (url === null ? [] : [url]));
  const door = await openFrontDoor({ targets, weather, clock, random });
  const receiver = await openReceiver(weather, random);

  async function call(method: string, to: string, body?: unknown): Promise<unknown> {
    const { status, text } = await askAgain(new URL(to, door.url), {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (status >= 400) throw new Error(`${method} ${to} was answered ${status}: ${text}`);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }

  return {
    database,
    clock,
    regions,
    regionOf: (arn) => regions[arn.includes(':elsewhere:') ? 'elsewhere' : 'local'],
    clusters,
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
      for (const region of REGIONS) await regions[region].close();
      await door.close();
      await receiver.close();
      await database.drop();
    },
  };
}
