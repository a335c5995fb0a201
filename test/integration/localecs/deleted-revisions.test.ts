import {
  DeleteTaskDefinitionsCommand,
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  StopTaskCommand,
  type ECSClient,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { startLocalEcs } from '../../../controlplane/localecs/start-local-ecs.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { eventually } from '../../kit/eventually.ts';
import { openSdk, PATIENT_CONTAINER, silentLog, startTestEcs, testLauncher } from '../../kit/ecs/local-ecs.ts';
import { reaches, run, startSdkEcs, STARTS_AT_ONCE } from '../../kit/ecs/sdk-ecs.ts';

async function registered(sdk: ECSClient): Promise<string> {
  const containerDefinitions = [{ name: 'build', image: 'none', memory: 64, stopTimeout: 2 }];
  const input = { family: 'fam', containerDefinitions };
  const { taskDefinition } = await sdk.send(new RegisterTaskDefinitionCommand(input));
  return `${taskDefinition?.family}:${taskDefinition?.revision}`;
}

async function remove(sdk: ECSClient, taskDefinition: string) {
  await sdk.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
  return sdk.send(new DeleteTaskDefinitionsCommand({ taskDefinitions: [taskDefinition] }));
}

const inProgress = async (sdk: ECSClient): Promise<readonly string[]> => {
  const listed = await sdk.send(new ListTaskDefinitionsCommand({ status: 'DELETE_IN_PROGRESS' }));
  return (listed.taskDefinitionArns ?? []).map((arn) => arn.replace(/^.*\//, ''));
};

describe('a revision that was deleted', () => {
  it('does not give its number away: fam:2 was registered a second time', async () => {
    const { sdk } = await startSdkEcs();
    expect([await registered(sdk), await registered(sdk)]).toEqual(['fam:1', 'fam:2']);
    await remove(sdk, 'fam:2');
    expect(await inProgress(sdk)).toEqual([]);
    expect(await registered(sdk)).toBe('fam:3');
    for (const each of ['fam:1', 'fam:3']) await remove(sdk, each);
    expect(
      (await sdk.send(new ListTaskDefinitionFamiliesCommand({ familyPrefix: 'fam', status: 'ALL' }))).families,
    ).toEqual([]);
    expect(await registered(sdk)).toBe('fam:4');
  });

  it('is there as long as a task uses it, and takes no new one', async () => {
    const { sdk } = await startSdkEcs(STARTS_AT_ONCE);
    await registered(sdk);
    const { tasks: [task] = [] } = await run(sdk, { taskDefinition: 'fam:1' });
    await reaches(sdk, task?.taskArn, 'RUNNING');
    expect((await remove(sdk, 'fam:1')).taskDefinitions).toMatchObject([{ status: 'DELETE_IN_PROGRESS', revision: 1 }]);
    expect(await inProgress(sdk)).toEqual(['fam:1']);
    const described = await sdk.send(new DescribeTaskDefinitionCommand({ taskDefinition: task?.taskDefinitionArn }));
    expect(described.taskDefinition).toMatchObject({ status: 'DELETE_IN_PROGRESS', revision: 1 });
    // Deregistering it again does not bring it back.
    await sdk.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'fam:1' }));
    expect(await inProgress(sdk)).toEqual(['fam:1']);
    await expect(sdk.send(new RunTaskCommand({ taskDefinition: 'fam:1' }))).rejects.toThrow(
      'TaskDefinition is inactive',
    );
    expect(await registered(sdk)).toBe('fam:2');
    await sdk.send(new StopTaskCommand({ task: task?.taskArn }));
    await eventually('it is gone', async () => ((await inProgress(sdk)).length === 0 ? true : null));
    const gone = new DescribeTaskDefinitionCommand({ taskDefinition: 'fam:1' });
    await expect(sdk.send(gone)).rejects.toThrow('TaskDefinition not found');
  });

  it('does not give its number away to a local ECS that is started again', async () => {
    const test = await startTestEcs(PATIENT_CONTAINER);
    const sdk = openSdk(test.ecs);
    await registered(sdk);
    await remove(sdk, 'fam:1');
    await test.ecs.close();
    const options = { directory: test.directory, launcher: testLauncher(PATIENT_CONTAINER), log: silentLog };
    const again = await startLocalEcs({ ...options, clock: systemClock, callersClock: systemClock });
    const second = openSdk(again);
    expect(await registered(second)).toBe('fam:2');
    [sdk, second].forEach((each) => each.destroy());
    await again.close();
    await test.close();
  });
});
