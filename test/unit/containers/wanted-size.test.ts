import { describe, expect, it } from 'vitest';
import type { JudgedDefinition } from '../../../controlplane/containers/rules/definition-finding.ts';
import { findOverrideFaults } from '../../../controlplane/containers/rules/override-rules.ts';
import { decideSize, type WantedSize } from '../../../controlplane/containers/rules/wanted-size.ts';

const MACHINE: JudgedDefinition = { containerDefinitions: [{ name: 'build', cpu: 0, memory: 4096 }] };
const FARGATE: JudgedDefinition = { ...MACHINE, cpu: '1024', memory: '4096' };
const SIDECAR = { name: 'proxy', cpu: 256, memory: 512 };

function decide(kind: 'ec2' | 'fargate', definition: JudgedDefinition, wanted: WantedSize) {
  return decideSize({ definition, launch: { kind }, wanted });
}

describe('the sizes of a single task', () => {
  it('are those of the container on machines', () => {
    expect(decide('ec2', MACHINE, { cpu: 512, memoryMib: 8192 })).toEqual({
      ofTask: {},
      ofContainer: { cpu: 512, memory: 8192 },
      faults: [],
    });
  });

  it('change nothing that is not asked for', () => {
    const configured = { cpu: '2048', memory: '8192' };
    expect(decideSize({ definition: FARGATE, launch: { kind: 'fargate' }, configured, wanted: {} })).toEqual({
      ofTask: configured,
      ofContainer: {},
      faults: [],
    });
    expect(decide('ec2', MACHINE, {})).toEqual({ ofTask: {}, ofContainer: {}, faults: [] });
  });

  it('are those of the whole task on Fargate, and the limit of the container follows', () => {
    expect(decide('fargate', FARGATE, { cpu: 2048, memoryMib: 8192, storageGib: 100 })).toEqual({
      ofTask: { cpu: '2048', memory: '8192', ephemeralStorage: { sizeInGiB: 100 } },
      ofContainer: { memory: 8192 },
      faults: [],
    });
  });

  it('leave the other containers of a task what they have', () => {
    const containerDefinitions = [{ name: 'build', cpu: 512, memory: 2048 }, SIDECAR];
    expect(decide('fargate', { ...FARGATE, containerDefinitions }, { cpu: 2048, memoryMib: 8192 })).toMatchObject({
      ofContainer: { cpu: 1792, memory: 7680 },
      faults: [],
    });
    const { faults } = decide('ec2', { ...FARGATE, containerDefinitions }, { memoryMib: 512, cpu: 256 });
    expect(faults.map(({ path }) => path[0])).toEqual(['containerCpu', 'containerMemory']);
  });

  it('keep a reservation below the limit', () => {
    const withBoth = { containerDefinitions: [{ name: 'build', memory: 4096, memoryReservation: 2048 }] };
    expect(decide('ec2', withBoth, { memoryMib: 1024 }).ofContainer).toEqual({ memory: 1024, memoryReservation: 1024 });
    expect(decide('ec2', withBoth, { memoryMib: 8192 }).ofContainer).toEqual({ memory: 8192, memoryReservation: 2048 });
    const reserved = { containerDefinitions: [{ name: 'build', memoryReservation: 2048 }] };
    expect(decide('ec2', reserved, { memoryMib: 8192 }).ofContainer).toEqual({ memory: 8192, memoryReservation: 8192 });
  });

  it.each<[string, WantedSize, string, RegExp]>([
    ['memory', { memoryMib: 3000 }, 'containerMemory', /With cpu 1024, set memory to 2048 to 8192 in steps of 1024/],
    ['memory that the cpu of the definition does not have', { memoryMib: 16_384 }, 'containerMemory', /2048 to 8192/],
    ['cpu', { cpu: 700 }, 'containerCpu', /one of 256, 512, 1024, 2048, 4096, 8192, 16384/],
    ['cpu for which the memory of the definition is too little', { cpu: 4096 }, 'containerMemory', /8192 to 30720/],
  ])('that Fargate does not have are refused with those that it has: %s', (_what, wanted, option, remedy) => {
    const { faults } = decide('fargate', FARGATE, wanted);
    expect(faults).toMatchObject([{ path: [option], remedy: expect.stringMatching(remedy) as string }]);
  });

  it('of a disk are refused on machines', () => {
    expect(decide('ec2', MACHINE, { storageGib: 50 }).faults).toMatchObject([{ path: ['containerStorage'] }]);
  });

  it('that are configured and no task has asked for are the fault of the configuration', () => {
    const configured = { memory: '3000' };
    const { faults } = decideSize({ definition: FARGATE, launch: { kind: 'fargate' }, configured, wanted: {} });
    expect(faults).toMatchObject([{ path: ['runTask', 'overrides', 'memory'] }]);
  });
});

describe('what local ECS refuses in overrides', () => {
  const of = (
    kind: 'ec2' | 'fargate',
    overrides: Omit<Parameters<typeof findOverrideFaults>[2], 'containerOverrides'>,
  ) => findOverrideFaults(FARGATE, { kind }, { containerOverrides: [], ...overrides });

  it('is what decideSize refuses', () => {
    expect(of('fargate', { cpu: '2048', memory: '8192' })).toEqual([]);
    expect(of('fargate', { cpu: '2048' })).toEqual([]);
    expect(of('fargate', { cpu: '8192' })).toHaveLength(1);
    expect(of('ec2', { ephemeralStorage: { sizeInGiB: 30 } })).toHaveLength(1);
  });

  it('is a container with more memory than its task', () => {
    const containerOverrides = [{ name: 'build', memory: 8192 }];
    expect(findOverrideFaults(FARGATE, { kind: 'ec2' }, { containerOverrides })).toHaveLength(1);
    expect(findOverrideFaults(FARGATE, { kind: 'ec2' }, { containerOverrides, memory: '8192' })).toEqual([]);
    expect(findOverrideFaults(MACHINE, { kind: 'ec2' }, { containerOverrides })).toEqual([]);
  });

  it.each<[kind: 'ec2' | 'fargate', overrides: object, path: string]>([
    ['ec2', { cpu: '64' }, 'cpu'],
    ['ec2', { cpu: '196609' }, 'cpu'],
    ['ec2', { memory: '32' }, 'memory'],
    ['ec2', { cpu: '256' }, 'cpu'],
    ['fargate', { ephemeralStorage: { sizeInGiB: 20 } }, 'ephemeralStorage.sizeInGiB'],
    ['fargate', { ephemeralStorage: { sizeInGiB: 201 } }, 'ephemeralStorage.sizeInGiB'],
  ])('on %s are %j, which no task can have', (kind, overrides, path) => {
    const [build] = FARGATE.containerDefinitions;
    const definition = { ...FARGATE, containerDefinitions: [{ ...build, cpu: 512, memory: 64 }] };
    const found = findOverrideFaults(definition, { kind }, { containerOverrides: [], ...overrides });
    expect(found.map((fault) => fault.path.join('.'))).toEqual([`overrides.${path}`]);
  });

  it('are sizes of containers that together are more than the task has', () => {
    const defined = { ...FARGATE, cpu: '1024', memory: '2048' };
    const two = ['build', 'other'].map((name) => ({ name, image: 'i', cpu: 256, memory: 512 }));
    const found = (override: object) =>
      findOverrideFaults(
        { ...defined, containerDefinitions: two },
        { kind: 'fargate' },
        { containerOverrides: [{ name: 'build', ...override }] },
      ).map((fault) => fault.path.join('.'));
    expect(found({ cpu: 768, memory: 1536 })).toEqual([]);
    expect(found({ cpu: 769 })).toEqual(['overrides.cpu']);
    expect(found({ memory: 1537 })).toEqual(['overrides.memory']);
  });

  it.each<[string, object]>([
    ['cpu', { cpu: -1 }],
    ['memory', { memory: 5 }],
    ['memory', { memoryReservation: -1 }],
    ['memory', { memory: 512, memoryReservation: 1024 }],
  ])('refuses %s of an override: %j', (member, override) => {
    const containerOverrides = [{ name: 'build', ...override }];
    const paths = findOverrideFaults(MACHINE, { kind: 'ec2' }, { containerOverrides }).map(({ path }) =>
      path.join('.'),
    );
    expect(paths).toEqual([`overrides.containerOverrides.0.${member}`]);
  });
});
