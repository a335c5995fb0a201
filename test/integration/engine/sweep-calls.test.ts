import { RunTaskCommand } from '@aws-sdk/client-ecs';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweepContainers } from '../../../controlplane/engine/sweep/sweep-containers.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { heartbeatNode } from '../../../controlplane/store/settings/nodes.ts';
import { clusterRows } from '../../kit/ecs/cluster-rows.ts';
import { countCalls, idleLauncher, type CountingEcs } from '../../kit/ecs/counting-ecs.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { engineDeps } from '../../kit/engine.ts';
import { eventually } from '../../kit/eventually.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { openSdk, PATIENT_CONTAINER, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { addBasic, newAttempt } from '../../kit/database/store.ts';

const CONTAINERS = 1_000;
// RunTask starts ten at most.
const AT_ONCE = 10;

const databases = useTestDatabases();
let test: TestEcs;
let counting: CountingEcs;
let arns: string[];
beforeAll(async () => {
  const resources = { cpu: CONTAINERS * 2_048, memory: CONTAINERS * 2_048 };
  test = await startTestEcs(PATIENT_CONTAINER, { launcher: idleLauncher, resources });
  counting = await countCalls(test.ecs);
  const sdk = openSdk(test.ecs);
  const started = await Promise.all(
    Array.from({ length: CONTAINERS / AT_ONCE }, () =>
      sdk.send(new RunTaskCommand({ taskDefinition: test.definitionArn, count: AT_ONCE })),
    ),
  );
  sdk.destroy();
  arns = started.flatMap(({ tasks = [] }) => tasks.map(({ taskArn = '' }) => taskArn));
  expect(arns).toHaveLength(CONTAINERS);
  await eventually('all containers', async () => {
    const running = await test.client.listRunning();
    const [last] = await test.client.describeTasks([arns.at(-1)!]);
    return running.length === CONTAINERS && last?.lastStatus === 'RUNNING';
  });
});
afterAll(async () => {
  await counting.stop();
  await test.close();
});

/** Stores an attempt that was launched for each of the containers. */
async function addAttempts(db: Db): Promise<void> {
  const rows = await Promise.all(
    arns.map(async (arn) => {
      const { id } = await addBasic(db);
      const launched = { state: 'launched' as const, launchedAt: new Date(), launchKey: `launch-${id}` };
      return { ...newAttempt(1), ...launched, taskId: id, arn };
    }),
  );
  await db.insertInto('containerAttempt').values(rows).execute();
}

interface Sweeping {
  readonly db: Db;
  /** Lets each node sweep once, the reaper too, and returns what ECS was asked meanwhile. */
  sweep(nodes: readonly string[]): Promise<{ describeCalls: number; listCalls: number; seen: number }>;
}

async function sweeping(): Promise<Sweeping> {
  const { db } = await databases.fresh();
  await addAttempts(db);
  const plain = engineDeps(db, [], { sweepSeconds: 10 });

  async function sweepOnce(node: string): Promise<void> {
    const clock = new HastyClock();
    const counted = { ...test, ecs: { ...test.ecs, endpoint: counting.endpoint } };
    const rows = clusterRows(db, plain.masterKey, counted, clock);
    await rows.save('default');
    const stop = new AbortController();
    const sleep = async (ms: number): Promise<void> => {
      await clock.sleep(ms);
      // Sleeps between calls are shorter.
      if (ms >= 10_000) stop.abort();
    };
    const once = { now: () => clock.now(), monotonicMs: () => clock.monotonicMs(), sleep };
    await sweepContainers({ ...plain, node, clusters: rows.clusters, clock: once }, stop.signal);
    rows.clusters.close();
  }

  return {
    db,
    async sweep(nodes) {
      counting.calls.length = 0;
      for (const node of nodes) await sweepOnce(node);
      const of = (action: string) => counting.calls.filter((call) => call.action === action);
      const described = of('DescribeTasks').map(({ body }) => body['tasks'] as string[]);
      return {
        describeCalls: described.length,
        listCalls: of('ListTasks').length,
        seen: new Set(described.flat()).size,
      };
    },
  };
}

// Ten calls about all of them, and of the reaper ten pages of its list and ten calls about what is on them. With a
// sweep every ten seconds and the reaper once a minute these are 70 DescribeTasks a minute, 1.2 a second.
const CALLS = { describeCalls: 20, listCalls: 10, seen: CONTAINERS };

describe('the calls of a sweep over a thousand running containers', () => {
  it('are the same with one, two and four nodes, and when one of them has been silent for 35 seconds', async () => {
    const { db, sweep } = await sweeping();
    const nodes: string[] = [];
    for (const wanted of [1, 2, 4]) {
      while (nodes.length < wanted) nodes.push(`node-${nodes.length + 1}`);
      for (const name of nodes) await heartbeatNode(db, { name, version: 'test' });
      expect(await sweep(nodes), `${wanted} nodes`).toEqual(CALLS);
    }
    await sql`UPDATE node SET seen_at = now() - interval '36 seconds' WHERE name = 'node-4'`.execute(db);
    expect(await sweep(nodes.slice(0, 3))).toEqual(CALLS);
  });
});
