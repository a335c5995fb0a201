import { describe, expect, it } from 'vitest';
import type { DefinitionFinding, JudgedDefinition } from '../../../controlplane/containers/rules/definition-finding.ts';
import { findDefinitionFaults } from '../../../controlplane/containers/rules/definition-rules.ts';
import { findExecuteCommandFaults, findLaunchFaults } from '../../../controlplane/containers/rules/launch-rules.ts';

const BUILD = { name: 'build', image: 'i', memory: 512 };
const ON_EC2: JudgedDefinition = { containerDefinitions: [BUILD] };
const ON_FARGATE: JudgedDefinition = {
  containerDefinitions: [BUILD],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  requiresCompatibilities: ['FARGATE'],
};
const LOG_OPTIONS = { 'awslogs-group': 'g', 'awslogs-region': 'r' };
const awslogs = (options: object): object => ({ logConfiguration: { logDriver: 'awslogs', options } });
const tmpfs = (mount: object): object => ({ linuxParameters: { tmpfs: [mount] } });
const VOLUME = { name: 'v', host: { sourcePath: '/v' } };

function pathsOf(findings: readonly DefinitionFinding[]): string[] {
  return findings.map(({ path }) => path.join('.'));
}

/** Returns where a definition for Fargate is refused, with something changed in it or in its container. */
function onFargate(changes: object, container: object = {}): string[] {
  const definition = { ...ON_FARGATE, ...changes, containerDefinitions: [{ ...BUILD, ...container }] };
  return pathsOf(findDefinitionFaults(definition));
}

describe('what RegisterTaskDefinition refuses', () => {
  it('is nothing of a plain definition for either', () => {
    expect([...findDefinitionFaults(ON_EC2), ...findDefinitionFaults(ON_FARGATE)]).toEqual([]);
  });

  it.each<[string, object]>([
    ['networkMode', { networkMode: 'bridge' }],
    ['cpu', { cpu: undefined }],
    ['memory', { memory: undefined }],
    ['memory', { memory: '4096' }],
    ['cpu', { cpu: '300' }],
    ['ipcMode', { ipcMode: 'task' }],
    ['placementConstraints', { placementConstraints: [{ type: 'memberOf', expression: 'a' }] }],
    ['pidMode', { pidMode: 'host' }],
    ['ephemeralStorage.sizeInGiB', { ephemeralStorage: { sizeInGiB: 20 } }],
    ['ephemeralStorage.sizeInGiB', { ephemeralStorage: { sizeInGiB: 201 } }],
    ['volumes.0.host.sourcePath', { volumes: [VOLUME] }],
    ['volumes.0.dockerVolumeConfiguration', { volumes: [{ name: 'v', dockerVolumeConfiguration: {} }] }],
  ])('%s of a task on Fargate: %j', (path, changes) => {
    expect(onFargate(changes)).toEqual([path]);
  });

  it.each<[string, object]>([
    ['privileged', { privileged: true }],
    ['links', { links: ['other'] }],
    ['stopTimeout', { stopTimeout: 121 }],
    ['stopTimeout', { stopTimeout: 1 }],
    ['startTimeout', { startTimeout: 121 }],
    ['dnsServers', { dnsServers: ['10.0.0.2'] }],
    ['extraHosts', { extraHosts: [{ hostname: 'a', ipAddress: '10.0.0.1' }] }],
    ['linuxParameters.tmpfs', { linuxParameters: { tmpfs: [{ containerPath: '/t', size: 1 }] } }],
    ['linuxParameters.swappiness', { linuxParameters: { swappiness: 1 } }],
    ['linuxParameters.capabilities.add', { linuxParameters: { capabilities: { add: ['SYS_ADMIN'] } } }],
    ['logConfiguration.logDriver', { logConfiguration: { logDriver: 'json-file' } }],
    ['portMappings.0.hostPort', { portMappings: [{ containerPort: 22, hostPort: 0 }] }],
    ['mountPoints.0.sourceVolume', { mountPoints: [{ sourceVolume: 'gone' }] }],
    ['memory', { memory: 1024 }],
  ])('%s of a container on Fargate: %j', (path, container) => {
    expect(onFargate({}, container)).toEqual([`containerDefinitions.0.${path}`]);
  });

  it.each<[string, object]>([
    ['stopTimeout', { stopTimeout: 120 }],
    [
      'capabilities',
      { linuxParameters: { initProcessEnabled: true, capabilities: { add: ['SYS_PTRACE'], drop: ['ALL'] } } },
    ],
    ['members that ask for nothing', { links: [], privileged: false, dnsServers: [] }],
    ['a port without a host port', { portMappings: [{ containerPort: 22 }] }],
  ])('but not %s that Fargate takes', (_name, container) => {
    expect(onFargate({ ephemeralStorage: { sizeInGiB: 21 } }, container)).toEqual([]);
  });

  it('says which memory goes with a size of Fargate', () => {
    const remedies = findDefinitionFaults({ ...ON_FARGATE, cpu: '2048', memory: '999' }).map(({ remedy }) => remedy);
    expect(remedies).toEqual(['With cpu 2048, set memory to 4096 to 16384 in steps of 1024']);
  });

  it.each<[string, Partial<JudgedDefinition>, object]>([
    ['containerDefinitions.0.memory', {}, { memory: undefined }],
    ['containerDefinitions.0.memory', {}, { memory: 5 }],
    ['containerDefinitions.0.memory', {}, { memory: 64, memoryReservation: 128 }],
    ['containerDefinitions.0.memory', { memory: '256' }, { memory: 512 }],
    ['containerDefinitions.0.image', {}, { image: '' }],
    [
      'containerDefinitions.0.portMappings.0.hostPort',
      { networkMode: 'host' },
      { portMappings: [{ containerPort: 22, hostPort: 23 }] },
    ],
    ['containerDefinitions', {}, { essential: false }],
    ['ephemeralStorage', { ephemeralStorage: { sizeInGiB: 50 } }, {}],
    ['containerDefinitions.0.links', { networkMode: 'awsvpc' }, { links: ['other'] }],
    ['cpu', { cpu: 'one' }, {}],
    ['cpu', { cpu: '127' }, {}],
    ['cpu', { cpu: '512' }, { cpu: 513 }],
    ['cpu', { cpu: '-256' }, {}],
    ['memory', { memory: '0' }, { memory: undefined }],
    ['memory', { memory: '512.5' }, {}],
    ['volumes.0.name', { volumes: [{ name: 'a b' }] }, {}],
    ['volumes.1.name', { volumes: [VOLUME, VOLUME] }, {}],
    [
      'containerDefinitions.0.mountPoints.0.containerPath',
      { volumes: [VOLUME] },
      { mountPoints: [{ sourceVolume: 'v' }] },
    ],
    ['containerDefinitions.0.name', {}, { name: 'the build' }],
    ['containerDefinitions.0.name', {}, { name: 'n'.repeat(256) }],
    ['containerDefinitions.0.image', {}, { image: 'registry/${IMAGE}' }],
    ['containerDefinitions.0.cpu', {}, { cpu: -1 }],
    ['containerDefinitions.0.memory', {}, { memory: -1 }],
    ['containerDefinitions.0.stopTimeout', {}, { stopTimeout: 0 }],
    ['containerDefinitions.0.startTimeout', {}, { startTimeout: -5 }],
    ['containerDefinitions.0.linuxParameters.tmpfs.0.size', {}, tmpfs({ containerPath: '/t', size: 0 })],
    ['containerDefinitions.0.linuxParameters.tmpfs.0.size', {}, tmpfs({ containerPath: '/t', size: -1 })],
    ['containerDefinitions.0.linuxParameters.tmpfs.0.size', {}, tmpfs({ containerPath: '/t' })],
    ['containerDefinitions.0.linuxParameters.tmpfs.0.containerPath', {}, tmpfs({ containerPath: '', size: 1 })],
    ['containerDefinitions.0.linuxParameters.tmpfs.0.containerPath', {}, tmpfs({ size: 1 })],
    [
      'containerDefinitions.0.linuxParameters.tmpfs.0.mountOptions.1',
      {},
      tmpfs({ containerPath: '/t', size: 1, mountOptions: ['mode=755', 'fast'] }),
    ],
    ['containerDefinitions.0.linuxParameters.devices.0.hostPath', {}, { linuxParameters: { devices: [{}] } }],
    [
      'containerDefinitions.0.linuxParameters.devices.0.permissions.1',
      {},
      { linuxParameters: { devices: [{ hostPath: '/dev/kvm', permissions: ['read', 'execute'] }] } },
    ],
    [
      'containerDefinitions.0.linuxParameters.capabilities.add.0',
      {},
      { linuxParameters: { capabilities: { add: ['CAP_KILL'] } } },
    ],
    [
      'containerDefinitions.0.portMappings.1.hostPort',
      {},
      {
        portMappings: [
          { containerPort: 1, hostPort: 5 },
          { containerPort: 2, hostPort: 5 },
        ],
      },
    ],
    [
      'containerDefinitions.0.portMappings.1.hostPort',
      { networkMode: 'host' },
      { portMappings: [{ containerPort: 1 }, { containerPort: 1 }] },
    ],
    ['containerDefinitions.0.logConfiguration.options', {}, awslogs({ 'awslogs-group': 'g' })],
    [
      'containerDefinitions.0.logConfiguration.options.awslogs-group',
      {},
      awslogs({ ...LOG_OPTIONS, 'awslogs-group': '' }),
    ],
    [
      'containerDefinitions.0.logConfiguration.options.awslogs-create-group',
      {},
      awslogs({ ...LOG_OPTIONS, 'awslogs-create-group': 'false' }),
    ],
    ['placementConstraints', { placementConstraints: Array(11).fill({ type: 'memberOf', expression: 'a' }) }, {}],
    ['containerDefinitions.0.versionConsistency', {}, { versionConsistency: 'on' }],
    [
      'containerDefinitions.0.portMappings.0.appProtocol',
      {},
      { portMappings: [{ containerPort: 1, appProtocol: 'https' }] },
    ],
    ['runtimePlatform.operatingSystemFamily', { runtimePlatform: { operatingSystemFamily: 'linux' } }, {}],
    ['containerDefinitions.0.secrets', {}, { secrets: [{ name: 'A', valueFrom: 'arn' }] }],
    ['containerDefinitions.0.portMappings', { networkMode: 'none' }, { portMappings: [{ containerPort: 22 }] }],
    ['containerDefinitions.0.portMappings.0.containerPort', {}, { portMappings: [{ containerPort: 0 }] }],
    ['containerDefinitions.0.portMappings.0.hostPort', {}, { portMappings: [{ containerPort: 1, hostPort: 65_536 }] }],
    ['containerDefinitions.0.portMappings.0.protocol', {}, { portMappings: [{ containerPort: 1, protocol: 'sctp' }] }],
    ['containerDefinitions.0.portMappings.0.containerPortRange', {}, { portMappings: [{ containerPortRange: '9-8' }] }],
    [
      'containerDefinitions.0.portMappings.0.containerPortRange',
      {},
      { portMappings: [{ containerPort: 1, containerPortRange: '8-9' }] },
    ],
    ['containerDefinitions.0.healthCheck.command', {}, { healthCheck: { command: ['CMD'] } }],
    ['containerDefinitions.0.healthCheck.timeout', {}, { healthCheck: { command: ['CMD', 'true'], timeout: 61 } }],
    ['containerDefinitions.0.healthCheck.retries', {}, { healthCheck: { command: ['CMD', 'true'], retries: 0 } }],
    ['containerDefinitions.0.hostname', { networkMode: 'awsvpc' }, { hostname: 'build' }],
    ['containerDefinitions.0.dependsOn.0', {}, { dependsOn: [{ containerName: 'build', condition: 'START' }] }],
  ])('%s on EC2: %j %j', (path, changes, container) => {
    const definition = { ...ON_EC2, ...changes, containerDefinitions: [{ ...BUILD, ...container }] };
    expect(pathsOf(findDefinitionFaults(definition))).toEqual([path]);
  });

  it.each<[name: string, container: object]>([
    ['an image by digest', { image: 'registry.example:5000/team/wip_build@sha256:0a' }],
    ['a range of ports', { portMappings: [{ containerPortRange: '8000-8010' }] }],
    ['any host port', { portMappings: [{ containerPort: 22, hostPort: 0 }] }],
    ['a health check', { healthCheck: { command: ['CMD-SHELL', 'wip-agent health'], interval: 300 } }],
    ['no health check', { healthCheck: { command: ['NONE'] } }],
    ['a long stopTimeout on machines', { stopTimeout: 3_600 }],
  ])('but not %s', (_name, container) => {
    expect(pathsOf(findDefinitionFaults({ containerDefinitions: [{ ...BUILD, ...container }] }))).toEqual([]);
  });

  it('is a definition whose containers need more than the task has', () => {
    const containers = ['a', 'b'].map((name) => ({ ...BUILD, name, cpu: 512, memory: 512 }));
    const of = (cpu: string, memory: string): string[] =>
      pathsOf(findDefinitionFaults({ containerDefinitions: containers, cpu, memory }));
    expect(of('1024', '1024')).toEqual([]);
    expect(of('1023', '1023')).toEqual(['cpu', 'memory']);
    const reserving = containers.map((container) => ({ ...container, memoryReservation: 256 }));
    expect(pathsOf(findDefinitionFaults({ containerDefinitions: reserving, memory: '512' }))).toEqual([]);
  });

  it('is a dependency on what is not there, does not end or says nothing of its health, or in a circle', () => {
    const of = (condition: string, database: object, more: object = {}): string[] => {
      const build = { ...BUILD, dependsOn: [{ containerName: 'database', condition }] };
      const other = { ...BUILD, name: 'database', essential: false, ...database };
      return pathsOf(findDefinitionFaults({ containerDefinitions: [build, other], ...more }));
    };
    const healthCheck = { command: ['CMD', 'true'] };
    expect([...of('START', {}), ...of('SUCCESS', {}), ...of('HEALTHY', { healthCheck })]).toEqual([]);
    const refused = ['containerDefinitions.0.dependsOn.0'];
    expect(of('START', { name: 'other' })).toEqual(refused);
    expect(of('COMPLETE', { essential: true })).toEqual(refused);
    expect(of('HEALTHY', {})).toEqual(refused);
    expect(of('READY', {})).toEqual(refused);
    const back = { dependsOn: [{ containerName: 'build', condition: 'START' }] };
    expect(of('START', back)).toEqual(['containerDefinitions']);
  });

  it('is the log of a task on Fargate without a role to write it', () => {
    const options = { ...LOG_OPTIONS, 'awslogs-stream-prefix': 'build' };
    const logConfiguration = { logDriver: 'awslogs', options };
    expect(onFargate({}, { logConfiguration })).toEqual(['containerDefinitions.0.logConfiguration.logDriver']);
    expect(onFargate({ executionRoleArn: 'arn:aws:iam::1:role/r' }, { logConfiguration })).toEqual([]);
  });

  it('tells everything at once', () => {
    expect(onFargate({ networkMode: 'bridge', volumes: [VOLUME] }, { privileged: true })).toHaveLength(3);
  });
});

describe('what RunTask refuses', () => {
  const fargate = { kind: 'fargate', hasSubnets: true } as const;
  const ec2 = { kind: 'ec2', hasSubnets: false } as const;

  it('is nothing of a definition that fits', () => {
    expect([...findLaunchFaults(ON_FARGATE, fargate), ...findLaunchFaults(ON_EC2, ec2)]).toEqual([]);
    expect(findLaunchFaults(ON_FARGATE, { kind: 'ec2', hasSubnets: true })).toEqual([]);
  });

  it('is a definition for EC2 on Fargate, a network without subnets, and subnets without a network', () => {
    expect(pathsOf(findLaunchFaults(ON_EC2, fargate))).toEqual(['requiresCompatibilities', 'networkMode']);
    expect(pathsOf(findLaunchFaults(ON_FARGATE, { ...fargate, hasSubnets: false }))).toEqual(['networkMode']);
    expect(pathsOf(findLaunchFaults(ON_EC2, { ...ec2, hasSubnets: true }))).toEqual(['networkMode']);
  });

  it('is an EBS volume that only one side knows', () => {
    const volumes = [{ name: 'data', configuredAtLaunch: true }];
    const configured = { volumeConfigurations: [{ name: 'data' }] };
    expect(findLaunchFaults({ ...ON_EC2, volumes }, ec2, configured)).toEqual([]);
    expect(pathsOf(findLaunchFaults(ON_EC2, ec2, configured))).toEqual(['runTask.volumeConfigurations.0.name']);
    expect(pathsOf(findLaunchFaults({ ...ON_EC2, volumes }, ec2))).toEqual(['volumes.0.configuredAtLaunch']);
  });

  it('does not see what only keeps ECS Exec from working', () => {
    const on = { enableExecuteCommand: true };
    const role = { taskRoleArn: 'arn:aws:iam::1:role/r' };
    const of = (changes: object, launch: typeof ec2 | typeof fargate = ec2, runTask: object = on): string[] =>
      findExecuteCommandFaults({ ...ON_EC2, ...changes }, launch, runTask).map(({ sentence }) => sentence);
    expect(of({})).toEqual([]);
    expect(of({}, ec2, { enableExecuteCommand: false })).toEqual([]);
    expect(of({ containerDefinitions: [{ ...BUILD, readonlyRootFilesystem: true }] })).toHaveLength(1);
    expect(of({ pidMode: 'task' })).toEqual([]);
    expect(of({ pidMode: 'task', containerDefinitions: [BUILD, { ...BUILD, name: 'b' }] })).toHaveLength(1);
    expect(of({}, fargate)).toEqual(['ECS Exec needs a valid taskRoleArn.']);
    expect([...of(role, fargate), ...of({}, fargate, { ...on, overrides: role })]).toEqual([]);
  });
});
