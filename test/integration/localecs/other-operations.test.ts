import * as ecs from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import { ecsErrorOf } from '../../kit/ecs/plain-ecs-call.ts';
import { run, startSdkEcs } from '../../kit/ecs/sdk-ecs.ts';

const OPERATIONS = Object.keys(ecs)
  .filter((name) => /^[A-Z].*Command$/.test(name))
  .map((name) => name.replace(/Command$/, ''));

describe('each operation of ECS', () => {
  it('is known here, or its error says why it is not: 24 were said to be unknown', async () => {
    const { ecs: local } = await startSdkEcs();
    expect(OPERATIONS.length).toBeGreaterThan(60);
    for (const operation of OPERATIONS) {
      expect(await ecsErrorOf(local, operation, {})).not.toMatch(/^UnknownOperationException/);
    }
    expect(await ecsErrorOf(local, 'CreateService', {})).toBe(
      'UnsupportedFeatureException: Local ECS does not support CreateService: it has no services. Use Amazon ECS for what needs it.',
    );
    expect(await ecsErrorOf(local, 'RunTasks', {})).toBe(
      'UnknownOperationException: Neither ECS nor local ECS knows the operation "RunTasks".',
    );
  });
});

describe('settings of the account', () => {
  it('are put, listed and deleted', async () => {
    const { sdk } = await startSdkEcs();
    const list = async (effectiveSettings: boolean) =>
      (await sdk.send(new ecs.ListAccountSettingsCommand({ effectiveSettings }))).settings ?? [];
    expect(await list(false)).toEqual([]);
    expect((await list(true)).find(({ name }) => name === 'taskLongArnFormat')).toMatchObject({ value: 'enabled' });
    const put = (value: string) => new ecs.PutAccountSettingCommand({ name: 'containerInsights', value });
    expect((await sdk.send(put('enhanced'))).setting).toMatchObject({ name: 'containerInsights', value: 'enhanced' });
    expect(await list(false)).toMatchObject([{ name: 'containerInsights', value: 'enhanced' }]);
    await expect(sdk.send(put('perhaps'))).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(
      sdk.send(new ecs.PutAccountSettingDefaultCommand({ name: 'taskLongArnFormat', value: 'disabled' })),
    ).rejects.toThrow('every ARN is a long one');
    await sdk.send(new ecs.DeleteAccountSettingCommand({ name: 'containerInsights' }));
    expect(await list(false)).toEqual([]);
  });
});

describe('calls about what is not here', () => {
  it('have the answers of ECS: a protected task is one of a service, and an agent has no update', async () => {
    const { sdk } = await startSdkEcs();
    const [task] = (await run(sdk)).tasks ?? [];
    const tasks = [task?.taskArn ?? '', '9'.repeat(32)];
    const { failures } = await sdk.send(new ecs.GetTaskProtectionCommand({ cluster: 'default', tasks }));
    expect(failures?.map(({ reason }) => reason)).toEqual(['TASK_NOT_VALID', 'MISSING']);
    const containerInstance = task?.containerInstanceArn;
    await expect(sdk.send(new ecs.UpdateContainerAgentCommand({ containerInstance }))).rejects.toMatchObject({
      name: 'NoUpdateAvailableException',
    });
  });
});
