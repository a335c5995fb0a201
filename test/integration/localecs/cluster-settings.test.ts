import { describe, expect, it } from 'vitest';
import {
  CreateClusterCommand,
  DescribeClustersCommand,
  PutClusterCapacityProvidersCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateClusterCommand,
  UpdateClusterSettingsCommand,
  type CreateClusterCommandInput,
} from '@aws-sdk/client-ecs';
import { FARGATE, register, run, startSdkEcs, SUBNET } from '../../kit/ecs/sdk-ecs.ts';

const ON_SPOT = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }];
const FARGATE_STRATEGY = {
  capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
  defaultCapacityProviderStrategy: ON_SPOT,
};

describe('the default strategy of a cluster', () => {
  it('launches what says neither a launch type nor a strategy, on Fargate with all that belongs to it', async () => {
    const { sdk } = await startSdkEcs();
    await register(sdk, { family: 'fargate', ...FARGATE });
    await sdk.send(new CreateClusterCommand({ clusterName: 'spot', ...FARGATE_STRATEGY }));
    const networkConfiguration = {
      awsvpcConfiguration: { ...SUBNET.networkConfiguration.awsvpcConfiguration, assignPublicIp: 'ENABLED' as const },
    };
    const request = { cluster: 'spot', taskDefinition: 'fargate', networkConfiguration };
    const { tasks } = await run(sdk, { ...request, platformVersion: '1.4.0' });
    expect(tasks).toMatchObject([{ launchType: 'FARGATE', capacityProviderName: 'FARGATE_SPOT' }]);
    expect(tasks?.[0]?.containerInstanceArn).toBeUndefined();
    const own = await run(sdk, { ...request, capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] });
    expect(own.tasks).toMatchObject([{ capacityProviderName: 'FARGATE' }]);
    // A launch type is not overruled by it.
    await expect(run(sdk, { ...request, launchType: 'EC2' })).rejects.toThrow('Assign public IP is not supported');
  });

  it('can be changed, and is shown', async () => {
    const { sdk } = await startSdkEcs();
    const put = { cluster: 'default', ...FARGATE_STRATEGY };
    const { cluster } = await sdk.send(new PutClusterCapacityProvidersCommand(put));
    expect(cluster).toMatchObject({
      ...FARGATE_STRATEGY,
      defaultCapacityProviderStrategy: [{ ...ON_SPOT[0], base: 0 }],
    });
    await expect(run(sdk)).rejects.toThrow(/does not support launch_type FARGATE/);
    const none = { cluster: 'default', capacityProviders: [], defaultCapacityProviderStrategy: [] };
    await sdk.send(new PutClusterCapacityProvidersCommand(none));
    expect((await run(sdk)).tasks).toMatchObject([{ launchType: 'EC2' }]);
    const { clusters } = await sdk.send(new DescribeClustersCommand({}));
    expect(clusters).toMatchObject([{ capacityProviders: [], defaultCapacityProviderStrategy: [] }]);
  });

  it('keeps a repeated client token for what was sent, also when it has changed', async () => {
    const { sdk } = await startSdkEcs();
    const first = await run(sdk, { clientToken: 'token' });
    await sdk.send(new PutClusterCapacityProvidersCommand({ cluster: 'default', ...FARGATE_STRATEGY }));
    const again = await run(sdk, { clientToken: 'token' });
    expect(again.tasks?.[0]?.taskArn).toBe(first.tasks?.[0]?.taskArn);
  });

  it('keeps a provider that a task uses', async () => {
    const { sdk } = await startSdkEcs();
    await sdk.send(new CreateClusterCommand({ clusterName: 'own', capacityProviders: ['machines'] }));
    await run(sdk, { cluster: 'own', capacityProviderStrategy: [{ capacityProvider: 'machines' }] });
    const put = { cluster: 'own', capacityProviders: [], defaultCapacityProviderStrategy: [] };
    await expect(sdk.send(new PutClusterCapacityProvidersCommand(put))).rejects.toMatchObject({
      name: 'ResourceInUseException',
    });
  });
});

describe('a cluster is refused with the name of', () => {
  it.each<[what: string, given: CreateClusterCommandInput, message: RegExp]>([
    [
      'an unknown setting',
      { settings: [{ name: 'insights' as never, value: 'on' }] },
      /name should be one of \[containerI/,
    ],
    [
      'a setting of another value',
      { settings: [{ name: 'containerInsights', value: 'maybe' }] },
      /The value of containerInsights should be one of \[enabled,enhanced,disabled\]/,
    ],
    ['services', { serviceConnectDefaults: { namespace: 'n' } }, /Local ECS does not support serviceConnectDefaults/],
    [
      'logging that there is not',
      { configuration: { executeCommandConfiguration: { logging: 'SOME' as never } } },
      /logging should be one of \[NONE,DEFAULT,OVERRIDE\]/,
    ],
    ['a provider that it has not', { defaultCapacityProviderStrategy: ON_SPOT }, /not associated with the cluster/],
    [
      'providers without a weight',
      {
        capacityProviders: ['FARGATE', 'FARGATE_SPOT'],
        defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE' }, { capacityProvider: 'FARGATE_SPOT' }],
      },
      /must have a weight greater than zero/,
    ],
  ])('%s', async (_what, given, message) => {
    const { sdk } = await startSdkEcs();
    const refused = sdk.send(new CreateClusterCommand({ clusterName: 'new', ...given }));
    await expect(refused).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(refused).rejects.toThrow(message);
    const { settings, configuration, serviceConnectDefaults } = given;
    if (!settings && !configuration && !serviceConnectDefaults) return;
    const update = {
      cluster: 'default',
      settings,
      configuration,
      serviceConnectDefaults: given.serviceConnectDefaults,
    };
    await expect(sdk.send(new UpdateClusterCommand(update))).rejects.toThrow(message);
  });

  it('what differs from the cluster of that name', async () => {
    const { sdk } = await startSdkEcs();
    const create = (given: CreateClusterCommandInput) =>
      sdk.send(new CreateClusterCommand({ clusterName: 'same', ...given }));
    await create(FARGATE_STRATEGY);
    expect((await create({})).cluster).toMatchObject({ capacityProviders: FARGATE_STRATEGY.capacityProviders });
    await create(FARGATE_STRATEGY);
    await expect(create({ capacityProviders: ['FARGATE'] })).rejects.toThrow('Arguments on this idempotent request');
  });

  it('but takes the settings that there are, and changes them', async () => {
    const { sdk } = await startSdkEcs();
    const settings = [{ name: 'containerInsights' as const, value: 'enhanced' }];
    const { cluster } = await sdk.send(new UpdateClusterSettingsCommand({ cluster: 'default', settings }));
    expect(cluster?.settings).toEqual(settings);
  });
});

describe('tags of AWS', () => {
  it('are neither given nor taken away by anybody, and neither are keys that no tag can have', async () => {
    const { sdk } = await startSdkEcs();
    const { tasks } = await run(sdk, { enableECSManagedTags: true });
    for (const resourceArn of [tasks?.[0]?.taskArn, 'arn:aws:ecs:local:000000000000:cluster/default']) {
      for (const key of ['aws:ecs:clusterName', 'AWS:x', '', 'k'.repeat(129), 'a;b']) {
        const refused = { name: 'InvalidParameterException' };
        await expect(sdk.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a', key] }))).rejects.toMatchObject(
          refused,
        );
        const tags = [{ key, value: '' }];
        await expect(sdk.send(new TagResourceCommand({ resourceArn, tags }))).rejects.toMatchObject(refused);
      }
    }
  });
});
