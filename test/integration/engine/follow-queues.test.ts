import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { followQueues, type EventOutcome } from '../../../controlplane/engine/sweep/follow-queues.ts';
import { findAttempt } from '../../../controlplane/store/attempts/find-attempt.ts';
import { heartbeatNode } from '../../../controlplane/store/settings/nodes.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { ECS_CLUSTERS } from '../../kit/ecs/cluster-rows.ts';
import { useTestDatabases } from '../../kit/database/database.ts';
import { ecsInstallation, type EcsInstallation } from '../../kit/ecs/ecs-installation.ts';
import { eventually } from '../../kit/eventually.ts';
import { PATIENT_CONTAINER, startTestEcs, type TestEcs } from '../../kit/ecs/local-ecs.ts';
import { startSqs, type SqsServer } from '../../kit/ecs/sqs-server.ts';

const databases = useTestDatabases();
let test: TestEcs;
let sqs: SqsServer;
let installation: EcsInstallation;
let outcomes: EventOutcome[];
let stop: AbortController;
let following: Promise<void>;

beforeAll(async () => {
  test = await startTestEcs(PATIENT_CONTAINER, { clusters: ECS_CLUSTERS });
});
afterAll(() => test.close());
beforeEach(async () => {
  test.ecs.faults.clear();
  sqs = await startSqs(test.ecs.accessKey);
  installation = await ecsInstallation((await databases.fresh()).db, test);
  await installation.rows.save('queued', { connection: { eventsQueue: sqs.queueUrl } });
  outcomes = [];
  stop = new AbortController();
  following = Promise.resolve();
});
afterEach(async () => {
  stop.abort();
  await following;
  await sqs.stop();
});

/** Starts a node that follows the queues. */
function follow(node = installation.deps.node): void {
  const { deps, rows } = installation;
  const listEventQueues = () => rows.clusters.listEventQueues();
  const onEvent = (outcome: EventOutcome): void => void outcomes.push(outcome);
  const followed = followQueues({ ...deps, node, clock: systemClock, listEventQueues, onEvent }, stop.signal);
  following = Promise.all([following, followed]).then(() => undefined);
}

function event(taskArn: unknown, lastStatus = 'STOPPED'): string {
  return JSON.stringify({ source: 'aws.ecs', 'detail-type': 'ECS Task State Change', detail: { taskArn, lastStatus } });
}

async function stops(arn: string): Promise<void> {
  await test.client.stopTask(arn, 'somebody stops it');
  await eventually('the stop', async () => {
    const snapshot = await test.client.describe(arn, 'fresh');
    return snapshot.kind === 'seen' && snapshot.lastStatus === 'STOPPED';
  });
}

async function stateOf({ attempt }: Awaited<ReturnType<EcsInstallation['run']>>): Promise<string | undefined> {
  return (await findAttempt(installation.db, { uuid: attempt!.uuid }))?.state;
}

describe('a node that follows a queue of events', () => {
  it('notes the end of a container at once, and deletes the message', async () => {
    const owned = await installation.run('default', 'owned');
    follow();
    await stops(owned.arn);
    expect(await stateOf(owned)).not.toBe('stopped');
    sqs.send(event(owned.arn));
    await eventually('the news', async () => (await stateOf(owned)) === 'stopped');
    await eventually('the deletion', () => sqs.bodies().length === 0);
    expect(outcomes).toEqual(['observed']);
  });

  it('believes ECS and not the message', async () => {
    const owned = await installation.run('default', 'owned');
    follow();
    sqs.send(event(owned.arn, 'STOPPED'));
    await eventually('the deletion', () => sqs.bodies().length === 0);
    expect(outcomes).toEqual(['observed']);
    expect(await stateOf(owned)).not.toBe('stopped');
    expect(await installation.statusOf(owned.arn)).toBe('RUNNING');
  });

  it('takes messages twice, out of order, of others and of no sense', async () => {
    const owned = await installation.run('default', 'owned');
    await stops(owned.arn);
    for (const body of [
      event(owned.arn, 'STOPPED'),
      event(owned.arn, 'PENDING'),
      event(`${owned.arn}0`),
      JSON.stringify({ source: 'aws.ec2', 'detail-type': 'x', detail: {} }),
      'no json',
      event({ deep: true }),
    ]) {
      sqs.send(body);
    }
    follow();
    await eventually('the end of the queue', () => sqs.bodies().length === 0);
    expect(await stateOf(owned)).toBe('stopped');
    // The second message about the container is about nobody when the first one was through before.
    const others = ['foreign', 'foreign', 'malformed', 'malformed', 'observed'];
    expect([[...others, 'foreign'].toSorted(), [...others, 'observed']]).toContainEqual(outcomes.toSorted());
    // What comes once more about a container that is over is about nobody.
    sqs.send(event(owned.arn));
    await eventually('the deletion', () => sqs.bodies().length === 0);
    expect(outcomes.at(-1)).toBe('foreign');
  });

  it('keeps a message while ECS does not answer, and gives it up the fifth time', async () => {
    const owned = await installation.run('default', 'owned');
    test.ecs.faults.add([{ kind: 'access-denied', action: 'DescribeTasks', times: null }]);
    sqs.send(event(owned.arn));
    follow();
    for (let delivery = 1; delivery <= 5; delivery += 1) {
      await eventually('the delivery', () => outcomes.length === delivery);
      if (delivery < 5) sqs.redeliver();
    }
    expect(outcomes).toEqual(['unanswered', 'unanswered', 'unanswered', 'unanswered', 'given-up']);
    await eventually('the deletion', () => sqs.bodies().length === 0);
  });

  it('shares a queue with no other node', async () => {
    const { db, deps } = installation;
    for (const name of [deps.node, 'other']) await heartbeatNode(db, { name, version: '1' });
    follow();
    follow('other');
    const owned = await installation.run('default', 'owned');
    sqs.send(event(owned.arn));
    await eventually('the deletion', () => sqs.bodies().length === 0);
    // One long poll before the message, one after it, and the deletion.
    await eventually('the next poll', () => sqs.calls.length >= 3);
    expect(sqs.calls).toEqual(['ReceiveMessage', 'DeleteMessageBatch', 'ReceiveMessage']);
  });

  it('outlives a queue that refuses it', async () => {
    const owned = await installation.run('default', 'owned');
    sqs.isDenied = true;
    follow();
    await eventually('the refusal', () => sqs.calls.length > 0);
    sqs.isDenied = false;
    sqs.send(event(owned.arn));
    await eventually('the deletion', () => sqs.bodies().length === 0);
    expect(outcomes).toEqual(['observed']);
  });
});
