import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ListTagsForResourceCommand, type ContainerDefinition } from '@aws-sdk/client-ecs';
import { emptyState } from '../../../controlplane/localecs/local-state.ts';
import { register, run, startSdkEcs } from '../../kit/ecs/sdk-ecs.ts';

const BUILD = { name: 'build', image: 'none', memory: 64 };
const SECRET = { name: 'TOKEN', valueFrom: 'arn:aws:ssm:local:000000000000:parameter/token' };
const FILE = { type: 's3' as const, value: 'arn:aws:s3:::bucket/build.env' };

describe('a setting that containers of local ECS would not get', () => {
  it('two containers are refused and named, not run as the first of them', async () => {
    const { sdk } = await startSdkEcs();
    const refused = register(sdk, { containerDefinitions: [BUILD, { ...BUILD, name: 'database' }] });
    await expect(refused).rejects.toMatchObject({ name: 'ClientException' });
    await expect(refused).rejects.toThrow(
      /does not support 2 containers in one task \(build, database\).*Keep the container of the build/,
    );
  });

  it.each<[string, Partial<ContainerDefinition>]>([
    ['secrets', { secrets: [SECRET] }],
    ['environmentFiles', { environmentFiles: [FILE] }],
    ['healthCheck', { healthCheck: { command: ['CMD-SHELL', 'wip-agent health'] } }],
    ['restartPolicy', { restartPolicy: { enabled: true } }],
    ['resourceRequirements', { resourceRequirements: [{ type: 'GPU', value: '1' }] }],
    ['links', { links: ['other'] }],
    ['volumesFrom', { volumesFrom: [{ sourceContainer: 'other' }] }],
    ['credentialSpecs', { credentialSpecs: ['credentialspec:arn:aws:s3:::bucket/spec'] }],
    ['firelensConfiguration', { firelensConfiguration: { type: 'fluentbit' } }],
  ])('%s of a container is refused by its name', async (name, setting) => {
    const { sdk } = await startSdkEcs();
    // ECS reads secrets with a role.
    const executionRoleArn = 'arn:aws:iam::000000000000:role/execution';
    const refused = register(sdk, { executionRoleArn, containerDefinitions: [{ ...BUILD, ...setting }] });
    await expect(refused).rejects.toMatchObject({ name: 'ClientException' });
    await expect(refused).rejects.toThrow(`Local ECS does not support ${name} (of the container build): `);
  });

  it('a volume that is no directory of this machine is refused', async () => {
    const { sdk } = await startSdkEcs();
    for (const volume of [
      { name: 'v', configuredAtLaunch: true },
      { name: 'v', efsVolumeConfiguration: { fileSystemId: 'fs-1' } },
      {
        name: 'v',
        fsxWindowsFileServerVolumeConfiguration: {
          fileSystemId: 'fs-1',
          rootDirectory: '/',
          authorizationConfig: { credentialsParameter: 'arn', domain: 'd' },
        },
      },
    ]) {
      const [, name] = Object.keys(volume);
      const refused = register(sdk, { volumes: [volume as never] });
      await expect(refused).rejects.toThrow(`Local ECS does not support ${name} (of the volume v)`);
    }
  });

  it('overrides with environment files or accelerators are refused by RunTask', async () => {
    const { sdk } = await startSdkEcs();
    const refused = [
      run(sdk, { overrides: { containerOverrides: [{ name: 'build', environmentFiles: [FILE] }] } }),
      run(sdk, {
        overrides: { containerOverrides: [{ name: 'build', resourceRequirements: [{ type: 'GPU', value: '1' }] }] },
      }),
      run(sdk, { overrides: { inferenceAcceleratorOverrides: [{ deviceName: 'a', deviceType: 'b' }] } }),
    ];
    for (const [index, name] of [
      'environmentFiles',
      'resourceRequirements',
      'inferenceAcceleratorOverrides',
    ].entries()) {
      await expect(refused[index]).rejects.toMatchObject({ name: 'InvalidParameterException' });
      await expect(refused[index]).rejects.toThrow(`Local ECS does not support ${name} (of the override`);
    }
  });

  it('a definition that an earlier version took is refused by RunTask', async () => {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'wip-ecs-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const state = emptyState(['default']);
    const arn = 'arn:aws:ecs:local:000000000000:task-definition/old:1';
    const input = { family: 'old', containerDefinitions: [BUILD, { ...BUILD, name: 'b' }] };
    state.definitions[arn] = {
      arn,
      family: 'old',
      revision: 1,
      status: 'ACTIVE',
      registeredAt: new Date(0).toISOString(),
      deregisteredAt: null,
      input,
      tags: [],
    };
    await writeFile(path.join(directory, 'state.json'), JSON.stringify(state));
    const old = await startSdkEcs({ directory });
    await expect(run(old.sdk, { taskDefinition: 'old' })).rejects.toThrow(/2 containers in one task/);
  });

  it('what asks for nothing is taken', async () => {
    const { sdk } = await startSdkEcs();
    const nothing: Partial<ContainerDefinition> = {
      secrets: [],
      environmentFiles: [],
      dependsOn: [],
      links: [],
      restartPolicy: { enabled: false },
      healthCheck: { command: ['NONE'] },
    };
    await register(sdk, { containerDefinitions: [{ ...BUILD, ...nothing }] });
    expect((await run(sdk, { taskDefinition: 'f' })).tasks).toHaveLength(1);
  });
});

describe('tags of a task', () => {
  it('come from its definition and from ECS where RunTask says so', async () => {
    const { sdk } = await startSdkEcs();
    const tags = [
      { key: 'team', value: 'definition' },
      { key: 'cost', value: '7' },
    ];
    await register(sdk, { tags });
    const own = [{ key: 'team', value: 'task' }];
    const tagsOf = async (request: object) => {
      const { tasks: [task] = [] } = await run(sdk, { taskDefinition: 'f', tags: own, ...request });
      const answer = await sdk.send(new ListTagsForResourceCommand({ resourceArn: task?.taskArn }));
      return Object.fromEntries((answer.tags ?? []).map(({ key, value }) => [key, value]));
    };
    expect(await tagsOf({})).toEqual({ team: 'task' });
    expect(await tagsOf({ propagateTags: 'TASK_DEFINITION', enableECSManagedTags: true })).toEqual({
      'aws:ecs:clusterName': 'default',
      cost: '7',
      team: 'task',
    });
  });
});
