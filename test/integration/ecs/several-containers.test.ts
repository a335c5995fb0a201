import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EcsClient } from '../../../controlplane/ecs/client/ecs-client.ts';
import type { EcsSeen } from '../../../controlplane/containers/container.ts';
import { countCalls, idleLauncher, type CountingEcs } from '../../kit/ecs/counting-ecs.ts';
import { eventually } from '../../kit/eventually.ts';
import { openTestClient, startTestEcs, testContainer, testIdentity, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { MemoryLedger } from '../../kit/memory/memory-ledger.ts';

let test: TestEcs;
let front: CountingEcs;
let client: EcsClient;
/** Containers that stand before and behind the build's in each answer. */
let before: object[] = [];
let behind: object[] = [];

beforeAll(async () => {
  test = await startTestEcs(undefined, { launcher: idleLauncher, delays: {} });
  front = await countCalls(test.ecs, undefined, (action, answer) =>
    action === 'DescribeTasks' ? { status: 200, body: withHelpers(answer) } : null,
  );
  client = openTestClient({ ...test.ecs, endpoint: front.endpoint, accessKey: test.ecs.accessKey });
});
afterAll(async () => {
  client.close();
  await front.stop();
  await test.close();
});

function withHelpers(answer: string): string {
  const { tasks, ...rest } = JSON.parse(answer) as { tasks: { containers: object[] }[] };
  const all = tasks.map((task) => ({ ...task, containers: [...before, ...task.containers, ...behind] }));
  return JSON.stringify({ ...rest, tasks: all });
}

const HELPER = { name: 'aws-guardduty-agent-x', networkBindings: [], networkInterfaces: [] };
const ENDED = { ...HELPER, name: 'init', lastStatus: 'STOPPED', exitCode: 0 };

async function seen(arn: string): Promise<EcsSeen> {
  const snapshot = await client.describe(arn, 'fresh');
  if (snapshot.kind !== 'seen') throw new Error(JSON.stringify(snapshot));
  return snapshot;
}

describe('the build among several containers of its task', () => {
  it('is known by the name that its launch had, and has not ended when a helper has', async () => {
    const { definitionArn } = test;
    const container = testContainer({ client, definitionArn }, new MemoryLedger(testIdentity()));
    const outcome = await container.run();
    if (outcome.kind !== 'launched') throw new Error(JSON.stringify(outcome));
    await eventually('RUNNING', async () => (await seen(outcome.arn)).lastStatus === 'RUNNING');
    [before, behind] = [[{ ...HELPER, lastStatus: 'RUNNING' }], [ENDED]];
    expect(await seen(outcome.arn)).toMatchObject({
      exitCode: null,
      others: [{ name: 'init', exitCode: 0, reason: null }],
    });
    await client.stopTask(outcome.arn, 'wip: test');
    await eventually('STOPPED', async () => (await seen(outcome.arn)).lastStatus === 'STOPPED');
    [before, behind] = [[{ ...HELPER, lastStatus: 'STOPPED', exitCode: 0 }], [ENDED]];
    expect(await seen(outcome.arn)).toMatchObject({ exitCode: 143 });
  });
});
