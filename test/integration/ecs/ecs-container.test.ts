import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ListTagsForResourceCommand } from '@aws-sdk/client-ecs';
import { HastyClock } from '../../kit/hasty-clock.ts';
import { eventually } from '../../kit/eventually.ts';
import {
  launchedContainer,
  openSdk,
  openTestClient,
  startTestEcs,
  testContainer,
  testIdentity,
  type TestEcs,
} from '../../kit/ecs/local-ecs.ts';
import { launchedArn, newLedger } from '../../kit/ecs/container-launches.ts';
import { MemoryLedger } from '../../kit/memory/memory-ledger.ts';

let test: TestEcs;

beforeAll(async () => {
  test = await startTestEcs();
});
afterAll(() => test.close());
beforeEach(() => test.ecs.faults.clear());

async function tasksStartedBy(startedBy: string): Promise<string[]> {
  const arns = [
    ...(await test.client.listTasks({ desiredStatus: 'RUNNING' })),
    ...(await test.client.listTasks({ desiredStatus: 'STOPPED' })),
  ];
  const tasks = await test.client.describeTasks(arns);
  return tasks.filter((task) => task.startedBy === startedBy).map((task) => task.taskArn ?? '');
}

describe('a container on ECS', () => {
  it('launches a container, says where it can be reached, and stops it', async () => {
    const container = test.container(newLedger());
    await launchedArn(container);
    expect(await eventually('an address', () => container.address())).toEqual({ host: '127.0.0.1', port: 40_022 });
    expect(await container.hasStarted()).toBe(true);
    expect(await container.hasStopped()).toBe(false);
    expect(await container.nextStatus()).toBe('RUNNING');
    await container.kill('the test is over');
    await eventually('the stop', () => container.hasStopped());
    expect(await container.status()).toMatchObject({
      lastStatus: 'STOPPED',
      stopCode: 'UserInitiated',
      stoppedReason: 'wip: the test is over',
      exitCode: 143,
    });
    expect(await container.launchFailed()).toBe(false);
  });

  it('gives the container its signal address, its enrolment token and its overrides, and no secure one', async () => {
    const ledger = newLedger();
    const container = test.container(ledger, { limits: { maxTimeSeconds: 60, maxDiskGb: 1.5 } });
    container.addContainerOverride('PIPELINES_JOB_ID', 'before');
    container.addContainerOverride('PIPELINES_JOB_ID', 'job-1');
    container.addContainerOverride('CONTAINER_MODE', '0');
    container.addContainerOverride('TOKEN', 'not-to-be-seen', true);
    const arn = await launchedArn(container);
    const [task] = await test.client.describeTasks([arn]);
    const environment = task?.overrides?.containerOverrides?.[0]?.environment ?? [];
    expect(Object.fromEntries(environment.map(({ name, value }) => [name, value]))).toEqual({
      SIGNAL_URL: ledger.identity.signalUrl,
      SIGNAL_BODY: '{"pid":0}',
      WIP_ENROL_URL: ledger.identity.enrolUrl,
      WIP_ENROL: ledger.identity.enrolToken,
      WORKLOAD_MAX_TIME: '60',
      WORKLOAD_MAX_DISK: '1.5',
      WIP_ALLOW_HTTP: 'true',
      WIP_BUILD_ENV: 'PIPELINES_JOB_ID,CONTAINER_MODE',
      PIPELINES_JOB_ID: 'job-1',
      CONTAINER_MODE: '0',
    });
    const sdk = openSdk(test.ecs);
    const { tags } = await sdk.send(new ListTagsForResourceCommand({ resourceArn: arn }));
    sdk.destroy();
    expect(tags).toContainEqual({ key: 'wip:task', value: String(ledger.identity.taskId) });
    expect(JSON.stringify(task)).not.toContain('not-to-be-seen');
    expect(ledger.request.secureOverrides).toEqual({ TOKEN: 'not-to-be-seen' });
    await container.kill('the test is over');
  });

  it('starts one container however many nodes carry out the same launch', async () => {
    const ledger = newLedger();
    const outcomes = await Promise.all([test.container(ledger).run(), test.container(ledger).run()]);
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(await tasksStartedBy(ledger.identity.startedBy)).toHaveLength(1);
  });

  it('finds its container when the answer of the launch was lost', async () => {
    const ledger = newLedger();
    // All tries of the first node lose their answers. A node that takes over sends the same request.
    test.ecs.faults.add([{ kind: 'reset-after', action: 'RunTask', times: 3 }]);
    const first = test.container(ledger);
    expect(await first.run()).toMatchObject({ kind: 'no_information', cause: 'ecs-unavailable' });
    const arn = await launchedArn(test.container(ledger));
    expect(await tasksStartedBy(ledger.identity.startedBy)).toEqual([arn]);
    expect(await launchedArn(first)).toBe(arn);
  });

  it('never sends an old request again: it finds what was started, or gives the launch up', async () => {
    const ledger = newLedger();
    const arn = await launchedArn(test.container(ledger));
    const tookOver = new MemoryLedger(ledger.identity);
    await tookOver.into(null).intend(() => Promise.resolve(ledger.request));
    tookOver.age(2 * 60 * 60 * 1000);
    expect(await launchedArn(test.container(tookOver))).toBe(arn);

    const neverSent = newLedger();
    await neverSent
      .into(null)
      .intend(() =>
        Promise.resolve({ ...ledger.request, runTask: { ...ledger.request.runTask, startedBy: 'wip/test/none/1' } }),
      );
    neverSent.age(2 * 60 * 60 * 1000);
    expect(await test.container(neverSent).run()).toMatchObject({ kind: 'refused', cause: 'launch-lost' });
  });

  it('finds a container that has stopped meanwhile by the name it was started under', async () => {
    const ledger = newLedger();
    const container = test.container(ledger);
    const arn = await launchedArn(container);
    await container.kill('over');
    await eventually('the stop', () => launchedContainer(test.client, arn).hasStopped());
    expect(await test.client.findStartedBy(ledger.identity.startedBy)).toBe(arn);
  });

  it('refuses an override after the launch', async () => {
    const container = test.container(newLedger());
    await container.run();
    expect(() => container.addContainerOverride('LATE', '1')).toThrow(
      expect.objectContaining({ code: 'OVERRIDE_AFTER_RUN' }),
    );
    await container.kill('the test is over');
  });

  it('calls nothing when the overrides are more than ECS takes, and names the biggest', async () => {
    const ledger = newLedger();
    const container = test.container(ledger);
    container.addContainerOverride('HUGE', 'x'.repeat(9_000));
    await expect(container.run()).rejects.toThrow(/HUGE \(9000\)/);
    expect(await tasksStartedBy(ledger.identity.startedBy)).toEqual([]);
  });

  it('says no_resources when the cluster is full, and the reason for it', async () => {
    const small = await startTestEcs(undefined, { resources: { cpu: 1024, memory: 1500 } });
    try {
      await small.container(new MemoryLedger(testIdentity(1))).run();
      const outcome = await small.container(new MemoryLedger(testIdentity(2))).run();
      expect(outcome).toMatchObject({ kind: 'no_resources', cause: 'no-capacity' });
      expect(outcome).toHaveProperty('sentence', 'The cluster has no room for the container (RESOURCE:MEMORY)');
    } finally {
      await small.close();
    }
  });

  it.each([
    ['access-denied', 'access-denied'],
    ['expired-token', 'credentials-expired'],
    ['throttle', 'throttled'],
    ['server-error', 'ecs-unavailable'],
  ] as const)('tells %s apart from a failed build: no_information', async (kind, cause) => {
    test.ecs.faults.add([{ kind, action: 'RunTask', times: null }]);
    const hasty = openTestClient(test.ecs, new HastyClock());
    const container = testContainer({ client: hasty, definitionArn: test.definitionArn }, newLedger());
    expect(await container.run()).toMatchObject({ kind: 'no_information', cause });
    hasty.close();
  });

  it('goes on after throttling that passes', async () => {
    test.ecs.faults.add([{ kind: 'throttle', action: 'RunTask', times: 2 }]);
    const container = test.container(newLedger());
    await launchedArn(container);
    await container.kill('the test is over');
  });

  it('is told when the cluster does not exist', async () => {
    const container = test.container(newLedger(), { cluster: 'nowhere' });
    expect(await container.run()).toMatchObject({ kind: 'no_information', cause: 'cluster-missing' });
  });

  it('forgets a revision that ECS does not know, so that the next launch registers it', async () => {
    const forgotten: string[] = [];
    const arn = `${test.definitionArn}99`;
    const container = test.container(newLedger(), {
      pinDefinition: () => Promise.resolve({ arn, containerName: 'build' }),
      forgetDefinition: (gone) => Promise.resolve(void forgotten.push(gone)),
    });
    expect(await container.run()).toMatchObject({ kind: 'refused', cause: 'definition-missing' });
    expect(forgotten).toEqual([arn]);
  });

  it('knows a launch that failed from a container that ran', async () => {
    test.ecs.faults.add([{ kind: 'start-error', reason: 'CannotPullContainerError: manifest unknown' }]);
    const container = test.container(newLedger());
    await launchedArn(container);
    await eventually('the stop', () => container.hasStopped());
    expect(await container.launchFailed()).toBe(true);
    expect(await container.status()).toMatchObject({ stopCode: 'TaskFailedToStart', startedAt: null, exitCode: null });
  });

  it('answers missing while ECS does not know its task yet, and unknown while ECS does not answer', async () => {
    test.ecs.faults.add([{ kind: 'missing-window', ms: 60_000 }]);
    const container = test.container(newLedger());
    await launchedArn(container);
    expect(await container.status()).toMatchObject({ kind: 'missing' });
    test.ecs.faults.clear();
    test.ecs.faults.add([{ kind: 'access-denied', action: 'DescribeTasks', times: null }]);
    await container.address();
    expect(
      await eventually('another snapshot', async () => {
        const snapshot = await container.status();
        return snapshot.kind === 'unknown' ? snapshot : null;
      }),
    ).toMatchObject({ error: 'access-denied' });
    test.ecs.faults.clear();
    await container.kill('the test is over');
  });

  it('counts killing a container that ECS does not know as done', async () => {
    await launchedContainer(test.client, `arn:aws:ecs:local:000000000000:task/default/${'0'.repeat(32)}`).kill('gone');
  });
});

describe('throttling that ECS wraps into another error', () => {
  const RATE_EXCEEDED = 'Error retrieving subnet information for [subnet-1]: Rate exceeded (ErrorCode: Throttling)';

  it('is waited for with a backoff, and never becomes "Correct the task definition"', async () => {
    const clock = new HastyClock();
    const client = openTestClient(test.ecs, clock);
    const ledger = newLedger();
    const container = testContainer({ client, definitionArn: test.definitionArn }, ledger, { clock });
    const wrapped = {
      kind: 'error' as const,
      action: 'RunTask',
      type: 'InvalidParameterException',
      message: RATE_EXCEEDED,
    };
    test.ecs.faults.add([{ ...wrapped, times: 5 }]);
    expect(await container.run()).toMatchObject({ kind: 'no_information', cause: 'throttled' });
    // Three tries have two waits. The second is longer, and both are real waits.
    const [first = 0, second = 0] = clock.sleptMs.filter((ms) => ms > 100);
    expect(first).toBeGreaterThanOrEqual(500);
    expect(second).toBeGreaterThan(first);
    expect(await container.run()).toMatchObject({ kind: 'launched' });
    expect(ledger.settled.map(({ kind }) => kind)).toEqual(['no_information', 'launched']);
    client.close();
  });

  it('of a registration is waited for too: nothing was intended, so nothing is lost', async () => {
    const client = openTestClient(test.ecs, new HastyClock());
    const message = 'Too many concurrent attempts to create a new revision of the specified family.';
    test.ecs.faults.add([
      { kind: 'error', action: 'RegisterTaskDefinition', type: 'ClientException', message, times: 3 },
    ]);
    const definition = { family: 'WIP_test', containerDefinitions: [{ name: 'build', image: 'none', memory: 64 }] };
    const container = testContainer({ client, definitionArn: test.definitionArn }, newLedger(), {
      pinDefinition: async () => ({ ...(await client.registerTaskDefinition(definition)), containerName: 'build' }),
    });
    expect(await container.run()).toMatchObject({ kind: 'no_information', cause: 'throttled' });
    expect(await container.run()).toMatchObject({ kind: 'launched' });
    client.close();
  });

  it.each([
    [
      'ClientException',
      'Capacity is unavailable at this time. Please try again later or in a different availability zone',
    ],
    ['InvalidParameterException', 'No Container Instances were found in your cluster.'],
    ['ClientException', "You've reached the limit on the number of vCPUs you can run concurrently", 'quota-reached'],
  ])('is no full cluster, and %s "%s" is one', async (type, message, cause = 'no-capacity') => {
    const client = openTestClient(test.ecs, new HastyClock());
    const container = testContainer({ client, definitionArn: test.definitionArn }, newLedger());
    test.ecs.faults.add([{ kind: 'error', action: 'RunTask', type, message, times: 3 }]);
    expect(await container.run()).toMatchObject({ kind: 'no_resources', cause });
    client.close();
  });

  it('an error that nobody knows is waited for, and a refusal is told as one', async () => {
    const client = openTestClient(test.ecs, new HastyClock());
    const run = (type: string) => {
      test.ecs.faults.clear();
      test.ecs.faults.add([{ kind: 'error', action: 'RunTask', type, message: 'No.', times: 3 }]);
      return testContainer({ client, definitionArn: test.definitionArn }, newLedger()).run();
    };
    expect(await run('SomethingNewException')).toMatchObject({ kind: 'no_information', cause: 'ecs-unavailable' });
    expect(await run('InvalidParameterException')).toMatchObject({ kind: 'refused', cause: 'request-refused' });
    client.close();
  });
});
