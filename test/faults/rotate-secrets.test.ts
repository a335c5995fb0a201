import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RotationAnswer } from '../../controlplane/api/secrets/secret-views.ts';
import { startLocalEcs, type LocalEcs } from '../../controlplane/localecs/start-local-ecs.ts';
import { EcsClusterStore } from '../../controlplane/store/clusters/ecs-cluster-store.ts';
import { localCluster } from '../../controlplane/store/clusters/local-cluster.ts';
import { addApiToken } from '../../controlplane/store/settings/api-tokens.ts';
import { setGroup } from '../../controlplane/store/settings/groups.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { createLogger } from '../../shared/system/logger.ts';
import { masterKeyId } from '../../shared/keys/sealing.ts';
import { Secret } from '../../shared/keys/secret.ts';
import { sha256Hex } from '../../shared/keys/signing.ts';
import { startTestDatabases, type TestDatabase, type TestDatabases } from '../kit/database/database.ts';
import { contentOf } from '../kit/database/dump.ts';
import { eventually } from '../kit/eventually.ts';
import { findFreePort } from '../kit/network/free-port.ts';
import { RecordingLog } from '../kit/recording-log.ts';
import { ServedNode } from '../testkit/system/served-node.ts';
import { simulatedBuild } from '../testkit/agent/simulated-build.ts';
import { createSimulatedLauncher, type SimulatedLauncher } from '../testkit/agent/simulated-launcher.ts';
import { askAgain } from './ask-again.ts';
import { CALM, openFrontDoor, type FrontDoor } from './front-door.ts';

// The master key is changed while builds with secrets run, on nodes with the old key, with both, and with the new
// one. Some of the nodes are killed in the middle of it.

const BUILDS = 4;
const END_MS = 90_000;
const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
const token = randomBytes(32).toString('base64url');

let databases: TestDatabases;
let database: TestDatabase;
let directory: string;
let launcher: SimulatedLauncher;
let ecs: LocalEcs;
let door: FrontDoor;
const nodes = new Map<string, { node: ServedNode; url: string }>();

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'wip-rotate-'));
  databases = await startTestDatabases();
  database = await databases.fresh(4);
  launcher = createSimulatedLauncher({
    behave: simulatedBuild(() => ({ runsFor: 1, stdout: 'built\n' })),
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
  const targets = (): string[] => [...nodes.values()].map(({ url }) => url);
  door = await openFrontDoor({ targets, weather: CALM, clock: systemClock, random: Math.random });
  await new EcsClusterStore(database.db, new Secret(oldKey)).save(localCluster(ecs));
  await addApiToken(database.db, { name: 'test', role: 'admin', tokenHash: sha256Hex(token) });
  await setGroup(database.db, { name: 'BuildSteps', maxRunning: 2 });
});

afterAll(async () => {
  for (const { node } of nodes.values()) await node.close();
  await door?.close();
  for (const agent of launcher?.agents.values() ?? []) agent.kill();
  await ecs?.close();
  await databases?.close();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

async function startNode(name: string, masterKey: Buffer, old?: Buffer): Promise<void> {
  const port = await findFreePort();
  const node = await ServedNode.start({
    databaseUrl: database.url,
    directory,
    masterKey,
    settings: {
      WIP_NODE: name,
      WIP_PORT: String(port),
      WIP_PUBLIC_URL: door.url,
      WIP_LEASE_SECONDS: '5',
      WIP_DATABASE_POOL: '6',
      ...(old && { WIP_MASTER_KEYS_OLD: old.toString('base64') }),
    },
  });
  nodes.set(name, { node, url: `http://127.0.0.1:${port}` });
}

async function kill(name: string): Promise<void> {
  const { node } = nodes.get(name)!;
  nodes.delete(name);
  await node.kill();
}

function ask(base: string, method: string, at: string, body?: object): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
  return fetch(new URL(at, base), { method, headers, ...(body && { body: JSON.stringify(body) }) });
}

const rotate = (name: string): Promise<Response> =>
  ask(nodes.get(name)!.url, 'POST', '/v1/secrets/rotate', { to: masterKeyId(newKey) });

/** Adds builds with secret options, which their steps open at the beginning and at the end. */
async function addBuilds(name: string): Promise<void> {
  for (let n = 0; n < BUILDS; n += 1) {
    const options = {
      vcsUri: 'https://example.org/app.git',
      vcsPath: `${name}-${n}`,
      environmentVariables: { TOKEN: 'hunter22' },
    };
    // The id makes a repetition the same build: the door gives up on a node that is slow, and says so with 503.
    const answer = await askAgain(new URL('/v1/tasks', door.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'BuildSteps', clientJobId: `${name}-${n}`, options }),
    });
    expect([200, 201], answer.text).toContain(answer.status);
  }
}

async function endings(): Promise<unknown> {
  const { db } = database;
  await eventually(
    'the end of all builds',
    async () => (await sql`SELECT FROM task WHERE status <> 3`.execute(db)).rows.length === 0,
    END_MS,
  );
  const { rows } = await sql`SELECT exit_status || ' ' || coalesce(cause, '') AS ending, count(*)::int AS tasks
    FROM task GROUP BY 1`.execute(db);
  return rows;
}

it('the master key is changed under running builds and killed nodes, and nothing is lost', async () => {
  await startNode('old', oldKey);
  await addBuilds('before');
  await startNode('first', newKey, oldKey);
  expect(await endings()).toEqual([{ ending: '4 success', tasks: BUILDS }]);

  const refusal = await rotate('first');
  expect(refusal.status).toBe(409);
  expect(await refusal.json()).toMatchObject({ code: 'MASTER_KEY_NOT_EVERYWHERE' });
  await kill('old');
  await startNode('old', newKey, oldKey);
  await addBuilds('during');

  // The rotating node dies in the middle of the rotation, with builds of its own.
  const answer = rotate('first').then(
    () => 'answered',
    () => 'cut off',
  );
  await eventually('the switch', async () => {
    const { rows } = await sql<{ id: string }>`SELECT split_part(value #>> '{}', '.', 2) AS id FROM setting
      WHERE name = 'buildKey'`.execute(database.db);
    return rows[0]?.id === masterKeyId(newKey);
  });
  await kill('first');
  expect(['answered', 'cut off']).toContain(await answer);
  await startNode('first', newKey, oldKey);
  const done = await eventually(
    'the end of the rotation',
    async () => {
      const { isDone, ...rest } = RotationAnswer.parse(await (await rotate('first')).json());
      return isDone ? rest : undefined;
    },
    END_MS,
  );
  expect(done.keys).toEqual([{ id: masterKeyId(newKey), values: expect.any(Number) as number }]);
  expect(await endings()).toEqual([{ ending: '4 success', tasks: 2 * BUILDS }]);

  // Now the old key can be removed: no value needs it.
  expect(JSON.stringify(await contentOf(database.db))).not.toContain(`wip1.${masterKeyId(oldKey)}`);
  await kill('old');
  await kill('first');
  await expect(startNode('late', oldKey)).rejects.toThrow(/does not have the master key/);
  await startNode('new', newKey);
  const restarted = await ask(nodes.get('new')!.url, 'PUT', '/v1/tasks/1/restart');
  expect(restarted.status, await restarted.text()).toBe(202);
  await addBuilds('after');
  expect(await endings()).toEqual([{ ending: '4 success', tasks: 3 * BUILDS }]);
});
