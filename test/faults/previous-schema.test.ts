import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLocalEcs, type LocalEcs } from '../../controlplane/localecs/start-local-ecs.ts';
import { EcsClusterStore } from '../../controlplane/store/clusters/ecs-cluster-store.ts';
import { localCluster } from '../../controlplane/store/clusters/local-cluster.ts';
import { SCHEMA_NUMBER } from '../../controlplane/store/migrations/all.ts';
import { addApiToken } from '../../controlplane/store/settings/api-tokens.ts';
import { setGroup } from '../../controlplane/store/settings/groups.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { createLogger } from '../../shared/system/logger.ts';
import { Secret } from '../../shared/keys/secret.ts';
import { sha256Hex } from '../../shared/keys/signing.ts';
import { startTestDatabases, type TestDatabase, type TestDatabases } from '../kit/database/database.ts';
import { dropEverything } from '../kit/database/dump.ts';
import { eventually } from '../kit/eventually.ts';
import { findFreePort } from '../kit/network/free-port.ts';
import { unpackPreviousNode } from '../kit/programs/previous-node.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { ServedNode } from '../testkit/system/served-node.ts';
import { simulatedBuild } from '../testkit/agent/simulated-build.ts';
import { createSimulatedLauncher, type SimulatedLauncher } from '../testkit/agent/simulated-launcher.ts';
import { askAgain } from './ask-again.ts';
import { CALM, openFrontDoor, type FrontDoor } from './front-door.ts';

// A rolling update: a node of the previous version runs while a node of this version migrates the database under it.
// Builds continue with both nodes, and with one after the other has died.

const BUILDS = 6;
const BUILD_SECONDS = 1;
const END_MS = 60_000;
const masterKey = randomBytes(32);
const token = randomBytes(32).toString('base64url');

let databases: TestDatabases;
let database: TestDatabase;
let directory: string;
let launcher: SimulatedLauncher;
let ecs: LocalEcs;
let door: FrontDoor;
let previous: ServedNode;
let current: ServedNode;
/** A test that fails leaves a node. */
const started: ServedNode[] = [];
/** Base addresses of the running nodes, by their names. */
const running = new Map<string, string>();

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'wip-previous-'));
  databases = await startTestDatabases();
  database = await databases.fresh(4);
  await dropEverything(database.db);
  launcher = createSimulatedLauncher({
    behave: simulatedBuild(() => ({ runsFor: BUILD_SECONDS, stdout: 'built\n' })),
    clock: systemClock,
    random: Math.random,
    log: new RecordingLog(),
  });
  ecs = await startLocalEcs({
    directory: path.join(directory, 'ecs'),
    launcher,
    closeGraceMs: 0,
    clock: systemClock,
    log: createLogger('local ecs', 'silent'),
  });
  const targets = (): string[] => [...running.values()];
  door = await openFrontDoor({ targets, weather: CALM, clock: systemClock, random: Math.random });
  const { program, schema } = await unpackPreviousNode(path.join(directory, 'previous'));
  previous = await startNode('previous', program);
  expect(await readSchema()).toBe(schema);
});

/** Saves what builds need, with columns of this version. */
async function configure(): Promise<void> {
  await new EcsClusterStore(database.db, new Secret(masterKey)).save(localCluster(ecs));
  await addApiToken(database.db, { name: 'test', role: 'admin', tokenHash: sha256Hex(token) });
  await setGroup(database.db, { name: 'BuildSteps', maxRunning: 4 });
}

afterAll(async () => {
  for (const node of started) await node.close();
  await door?.close();
  for (const agent of launcher?.agents.values() ?? []) agent.kill();
  await ecs?.close();
  await databases?.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

async function startNode(name: string, program?: string): Promise<ServedNode> {
  // A port chosen here: the node itself states the door's address.
  const port = await findFreePort();
  const node = await ServedNode.start({
    databaseUrl: database.url,
    directory,
    masterKey,
    ...(program !== undefined && { program }),
    settings: {
      WIP_NODE: name,
      WIP_PORT: String(port),
      WIP_PUBLIC_URL: door.url,
      WIP_LEASE_SECONDS: '5',
      WIP_DATABASE_POOL: '6',
    },
  });
  started.push(node);
  running.set(name, `http://127.0.0.1:${port}`);
  return node;
}

async function readSchema(): Promise<number> {
  const { rows } = await sql<{ number: number }>`SELECT max(number)::int AS number FROM migration`.execute(database.db);
  return rows[0]!.number;
}

/** Adds builds, in turns where there are two nodes. */
async function addBuilds(name: string): Promise<void> {
  for (let n = 0; n < BUILDS; n += 1) {
    const options = { vcsUri: 'file:///nowhere', vcsPath: `${name}-${n}` };
    // The id makes a repetition the same build: the door gives up on a node that is slow, and says so with 503.
    const answer = await askAgain(new URL('/v1/tasks', door.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'BuildSteps', clientJobId: `${name}-${n}`, options }),
    });
    expect([200, 201], answer.text).toContain(answer.status);
  }
}

/** Kills the node while it is in the middle of a step and a container runs. */
async function killWhileBusy(node: ServedNode, name: string): Promise<void> {
  await eventually(`a step of ${name}`, async () => {
    const { rows } = await sql`SELECT FROM task WHERE owner = ${name} AND status = 2 AND current_attempt IS NOT NULL
      AND EXISTS (SELECT FROM container_attempt WHERE state = 'launched' AND ready_at IS NOT NULL)`.execute(
      database.db,
    );
    return rows.length > 0;
  });
  running.delete(name);
  await node.kill();
}

/** Waits for the end of all tasks. Returns how each ended, and how many containers and builds it took. */
async function endings() {
  const { db } = database;
  await eventually(
    'the end of all builds',
    async () => (await sql`SELECT FROM task WHERE status <> 3`.execute(db)).rows.length === 0,
    END_MS,
  );
  const { rows } = await sql<{ ending: string; tasks: number }>`
    SELECT exit_status || ' ' || coalesce(cause, '') AS ending, count(*)::int AS tasks FROM task GROUP BY 1`.execute(
    db,
  );
  const runs = launcher.started.filter(({ body }) => JSON.stringify(body).includes('--event'));
  return { ended: rows, containers: launcher.agents.size, runs: runs.length };
}

const completed = (tasks: number) => ({ ended: [{ ending: '4 success', tasks }], containers: tasks, runs: tasks });

describe('a node of the version before', { timeout: 2 * END_MS }, () => {
  it('goes on alone, build after build, on the schema of this version', async () => {
    current = await startNode('current');
    expect(await readSchema()).toBe(SCHEMA_NUMBER);
    await configure();
    running.delete('current');
    await current.close();
    await addBuilds('alone');
    expect(await endings()).toEqual(completed(BUILDS));
  });

  it('brings to an end what a node of this version left when it died', async () => {
    current = await startNode('current');
    await addBuilds('left');
    await killWhileBusy(current, 'current');
    expect(await endings()).toEqual(completed(2 * BUILDS));
  });

  it('leaves what it had to a node of this version when it dies', async () => {
    current = await startNode('current');
    await addBuilds('taken');
    await killWhileBusy(previous, 'previous');
    expect(await endings()).toEqual(completed(3 * BUILDS));
  });
});
