import { describe, expect, it } from 'vitest';
import { containerName, planContainer, withTag } from '../../../controlplane/localecs/docker/container-options.ts';
import { bindingsIn } from '../../../controlplane/localecs/docker/container-ports.ts';
import type { DefinitionInput } from '../../../controlplane/localecs/local-state.ts';

const order = {
  arn: 'arn:aws:ecs:local:000000000000:task/builds/0123456789abcdef0123456789abcdef',
  directory: '/data/tasks/0123456789abcdef0123456789abcdef',
  environment: { A: '1' },
};

function definitionOf(container: object = {}, more: object = {}): DefinitionInput {
  return {
    family: 'WIP_x',
    containerDefinitions: [{ name: 'build', image: 'wip-build', memory: 512, ...container }],
    ...more,
  };
}

function hostConfigOf(
  container: object = {},
  more: object = {},
  overrides: object = {},
  network: string | null = null,
) {
  return planContainer({ ...order, definition: definitionOf(container, more), overrides }, network).options.HostConfig;
}

describe('what an engine is told of a container', () => {
  it('has the labels of ECS over those of the definition, so that no image can pass for another task', () => {
    const dockerLabels = { 'com.amazonaws.ecs.task-arn': 'forged', team: 'a' };
    const { Labels: labels, name } = planContainer(
      { ...order, definition: definitionOf({ dockerLabels }) },
      null,
    ).options;
    expect(labels).toMatchObject({
      'com.amazonaws.ecs.task-arn': order.arn,
      'com.amazonaws.ecs.cluster': 'builds',
      'wip.directory': order.directory,
      team: 'a',
    });
    expect(name).toBe(containerName(order));
  });

  it('is named apart from the same task of another local ECS', () => {
    expect(containerName({ ...order, directory: '/other/tasks/x' })).not.toBe(containerName(order));
  });

  it.each([
    [{}, {}, {}, { Memory: 512 * 2 ** 20, MemorySwap: 512 * 2 ** 20, CpuShares: 2 }],
    [{ cpu: 512 }, { cpu: '1 vCPU', memory: '0.25 GB' }, {}, { Memory: 256 * 2 ** 20, CpuShares: 512, NanoCpus: 1e9 }],
    [{}, {}, { containerOverrides: [{ name: 'build', memory: 64 }] }, { Memory: 64 * 2 ** 20 }],
    [{}, { cpu: '256' }, { cpu: '2048', memory: '128' }, { Memory: 128 * 2 ** 20, NanoCpus: 2e9 }],
    [
      { linuxParameters: { maxSwap: 100, swappiness: 10 } },
      {},
      {},
      { MemorySwap: 612 * 2 ** 20, MemorySwappiness: 10 },
    ],
  ])('limits memory and cpu: container %j, task %j, overrides %j', (container, more, overrides, expected) => {
    expect(hostConfigOf(container, more, overrides)).toMatchObject(expected);
  });

  it('publishes ports in a bridge network only, and on the loopback address only', () => {
    const portMappings = [
      { containerPort: 22, hostPort: 0 },
      { containerPort: 53, hostPort: 5353, protocol: 'udp' },
    ];
    expect(hostConfigOf({ portMappings })).toMatchObject({
      NetworkMode: 'bridge',
      PortBindings: {
        '22/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }],
        '53/udp': [{ HostIp: '127.0.0.1', HostPort: '5353' }],
      },
    });
    expect(hostConfigOf({ portMappings }, { networkMode: 'awsvpc' })).not.toHaveProperty('PortBindings');
    const joined = hostConfigOf({ portMappings }, {}, {}, 'wip');
    expect(joined).toMatchObject({ NetworkMode: 'wip' });
    expect(joined).not.toHaveProperty('PortBindings');
  });

  it('has volumes of its own for those that name no directory', () => {
    const mountPoints = [
      { sourceVolume: 'config', containerPath: '/config', readOnly: true },
      { sourceVolume: 'work', containerPath: '/work' },
    ];
    const volumes = [
      { name: 'config', host: { sourcePath: '/ecs/config' } },
      { name: 'work', host: {} },
    ];
    const plan = planContainer({ ...order, definition: definitionOf({ mountPoints }, { volumes }) }, null);
    const own = `${containerName(order)}-2`;
    expect(plan.volumes).toEqual([own]);
    expect(plan.options.HostConfig?.Binds).toEqual(['/ecs/config:/config:ro', `${own}:/work`]);
  });

  it('is an error in the words of ECS when the definition is gone or cannot be run', () => {
    expect(() => planContainer(order, null)).toThrow(/^CannotCreateContainerError: the task definition/);
    const definition = definitionOf({ dependsOn: [{ containerName: 'other', condition: 'START' }] });
    expect(() => planContainer({ ...order, definition }, null)).toThrow(/^CannotCreateContainerError: .*dependsOn/);
  });

  it.each([
    ['wip-build', 'wip-build:latest'],
    ['registry:5000/wip-build', 'registry:5000/wip-build:latest'],
    ['registry:5000/wip-build:7', 'registry:5000/wip-build:7'],
    ['wip-build@sha256:00', 'wip-build@sha256:00'],
  ])('names one tag of the image %s', (image, expected) => {
    expect(withTag(image)).toBe(expected);
  });
});

describe('the bindings that ECS would report', () => {
  const started = {
    NetworkSettings: { Networks: { any: { IPAddress: '172.18.0.2' } }, Ports: { '22/tcp': [{ HostPort: '32768' }] } },
  } as unknown as Parameters<typeof bindingsIn>[0];
  const portMappings = [{ containerPort: 22, hostPort: 0 }];

  it.each([
    ['bridge', null, [{ containerPort: 22, hostPort: 32768 }]],
    ['bridge', 'wip', [{ containerPort: 22, hostPort: 22, hostAddress: '172.18.0.2' }]],
    ['host', 'wip', [{ containerPort: 22, hostPort: 22 }]],
    ['awsvpc', 'wip', []],
    ['none', null, []],
  ])('in the network mode %s, with the network %s', (networkMode, network, expected) => {
    const definition = definitionOf({ portMappings }, { networkMode });
    expect(bindingsIn(started, { definition }, network)).toEqual(expected);
  });
});
