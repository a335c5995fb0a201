import {
  DeleteAttributesCommand,
  ListAttributesCommand,
  ListContainerInstancesCommand,
  PutAttributesCommand,
  RegisterTaskDefinitionCommand,
  StartTaskCommand,
  type ECSClient,
  type RunTaskCommandInput,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { reaches, register, run, startSdkEcs, STARTS_AT_ONCE } from '../../kit/ecs/sdk-ecs.ts';

const ids = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1).padStart(32, '0'));
const [FIRST = '', SECOND = '', THIRD = ''] = ids(3);

function mark(sdk: ECSClient, targetId: string, name: string, value: string) {
  return sdk.send(new PutAttributesCommand({ attributes: [{ name, value, targetId }] }));
}

/** Returns the ids of the machines that the tasks were placed on, and the reasons of the others. */
async function placed(sdk: ECSClient, request: Partial<RunTaskCommandInput>) {
  const { tasks = [], failures = [] } = await run(sdk, request);
  return {
    on: tasks.map(({ containerInstanceArn }) => containerInstanceArn?.split('/').at(-1)),
    failures: failures.map(({ reason }) => reason),
  };
}

const memberOf = (expression: string) => [{ type: 'memberOf', expression } as const];

describe('placement constraints', () => {
  it('put each task of a group on a machine of its own: three tasks ran on two machines', async () => {
    const { sdk } = await startSdkEcs({ instances: 2 });
    const distinct = { placementConstraints: [{ type: 'distinctInstance' as const }] };
    const unsatisfied = 'DistinctInstance placement constraint unsatisfied.';
    const { on, failures } = await placed(sdk, { count: 3, group: 'g', ...distinct });
    expect(on.toSorted()).toEqual([FIRST, SECOND]);
    expect(failures).toEqual([unsatisfied, unsatisfied]);
    expect((await placed(sdk, { group: 'h', ...distinct })).on).toHaveLength(1);
  });

  it('leave out machines that are no members, of the request as of the definition: they changed nothing', async () => {
    const { sdk } = await startSdkEcs({ instances: 2 });
    await mark(sdk, SECOND, 'stack', 'prod');
    const prod = memberOf('attribute:stack == prod');
    expect(await placed(sdk, { count: 2, placementConstraints: prod })).toEqual({ on: [SECOND, SECOND], failures: [] });
    await register(sdk, { placementConstraints: prod });
    expect((await placed(sdk, { taskDefinition: 'f' })).on).toEqual([SECOND]);
    const unsatisfied = 'MemberOf placement constraint unsatisfied.';
    const none = memberOf('attribute:ecs.instance-type == t3.large');
    expect(await placed(sdk, { placementConstraints: none })).toEqual({ on: [], failures: [unsatisfied, unsatisfied] });
  });

  it.each<[Partial<RunTaskCommandInput>, string]>([
    [{ placementConstraints: memberOf('(((') }, 'The expression "(((" is not valid'],
    [{ placementConstraints: [{ type: 'memberOf' }] }, 'The expression "" is not valid'],
    [{ placementConstraints: [{ type: 'distinctInstance', expression: 'x' }] }, 'takes no expression'],
    [{ placementConstraints: [{}] }, 'The type of a placement constraint can not be blank.'],
    [{ placementStrategy: [{ type: 'spread', field: 'colour' }] }, 'The field colour'],
    [{ placementStrategy: [{ type: 'binpack', field: 'disk' }] }, 'The field disk'],
    [{ placementStrategy: [{ type: 'random', field: 'cpu' }] }, 'takes no field'],
    [{ placementStrategy: [{}] }, 'The type of a placement strategy can not be blank.'],
    [{ group: 'g'.repeat(256) }, 'group longer than 255.'],
  ])('%j is refused: it was taken', async (request, message) => {
    const { sdk } = await startSdkEcs();
    await expect(run(sdk, request)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringContaining(message),
    });
  });

  it('of a definition are checked when it is registered', async () => {
    const { sdk } = await startSdkEcs();
    const containerDefinitions = [{ name: 'build', image: 'none', memory: 64 }];
    const definition = { family: 'f', containerDefinitions, placementConstraints: memberOf('stack == prod') };
    await expect(sdk.send(new RegisterTaskDefinitionCommand(definition))).rejects.toMatchObject({
      name: 'ClientException',
      message: 'The expression "stack == prod" is not valid: "stack" is no subject.',
    });
  });
});

describe('placement strategies', () => {
  it('fill one machine after the other, or spread by an attribute', async () => {
    const { sdk } = await startSdkEcs({ instances: 3, resources: { cpu: 4_096, memory: 4_096 } });
    const pack = await placed(sdk, { count: 5, placementStrategy: [{ type: 'binpack', field: 'memory' }] });
    expect(pack.on).toEqual([FIRST, FIRST, FIRST, FIRST, SECOND]);
    await mark(sdk, SECOND, 'zone', 'b');
    await mark(sdk, THIRD, 'zone', 'c');
    const spread = { placementStrategy: [{ type: 'spread' as const, field: 'attribute:zone' }] };
    const { on } = await placed(sdk, { count: 4, group: 'g', ...spread });
    expect(on).toEqual([THIRD, SECOND, THIRD, SECOND]);
  });
});

describe('attributes of machines', () => {
  it('are given, listed, asked for and taken away, and those of every machine stay', async () => {
    const { sdk } = await startSdkEcs({ instances: 2 });
    const { attributes } = await mark(sdk, SECOND, 'stack', 'prod');
    expect(attributes).toMatchObject([{ name: 'stack', value: 'prod', targetId: expect.stringContaining(SECOND) }]);
    const list = async (attributeName: string) =>
      (await sdk.send(new ListAttributesCommand({ targetType: 'container-instance', attributeName }))).attributes;
    expect(await list('stack')).toEqual(attributes);
    expect(await list('ecs.os-type')).toMatchObject([{ value: 'linux' }, { value: 'linux' }]);
    const filter = 'attribute:stack exists and attribute:ecs.os-type == linux';
    const { containerInstanceArns } = await sdk.send(new ListContainerInstancesCommand({ filter }));
    expect(containerInstanceArns).toEqual([expect.stringContaining(SECOND)]);
    await sdk.send(new DeleteAttributesCommand({ attributes: [{ name: 'stack', targetId: SECOND }] }));
    expect(await list('stack')).toEqual([]);
  });

  it('are refused with the errors of ECS', async () => {
    const { sdk } = await startSdkEcs();
    const refused = async (targetId: string, name: string, value = 'x') => mark(sdk, targetId, name, value);
    await expect(refused('9'.repeat(32), 'a')).rejects.toMatchObject({ name: 'TargetNotFoundException' });
    await expect(refused(FIRST, 'a b')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(refused(FIRST, 'a', ' x')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    for (let number = 0; number < 10; number += 1) await mark(sdk, FIRST, `a${number}`, 'x');
    await mark(sdk, FIRST, 'a9', 'y');
    await expect(refused(FIRST, 'a10')).rejects.toMatchObject({ name: 'AttributeLimitExceededException' });
  });
});

describe('StartTask', () => {
  it('starts a task on each of the named machines: the call was not known', async () => {
    const { sdk } = await startSdkEcs({ ...STARTS_AT_ONCE, instances: 2 });
    const { tasks = [], failures } = await sdk.send(
      new StartTaskCommand({
        taskDefinition: 'WIP_test',
        containerInstances: [SECOND, '9'.repeat(32), SECOND],
        startedBy: 'me',
        tags: [{ key: 'a', value: 'b' }],
      }),
    );
    expect(tasks.map(({ containerInstanceArn }) => containerInstanceArn?.split('/').at(-1))).toEqual([SECOND, SECOND]);
    expect(tasks[0]).toMatchObject({ launchType: 'EC2', startedBy: 'me', tags: [{ key: 'a', value: 'b' }] });
    expect(failures).toMatchObject([{ arn: expect.stringContaining('9'.repeat(32)), reason: 'MISSING' }]);
    for (const { taskArn } of tasks) await reaches(sdk, taskArn, 'RUNNING');
  });

  it('says what a machine lacks, and refuses none and eleven of them', async () => {
    const { sdk } = await startSdkEcs({ resources: { cpu: 1_024, memory: 1_500 } });
    const start = (...containerInstances: string[]) =>
      sdk.send(new StartTaskCommand({ taskDefinition: 'WIP_test', containerInstances }));
    const { tasks, failures } = await start(FIRST, FIRST);
    expect([tasks?.length, failures?.[0]?.reason]).toEqual([1, 'RESOURCE:MEMORY']);
    await expect(start()).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(start(...ids(11))).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});
