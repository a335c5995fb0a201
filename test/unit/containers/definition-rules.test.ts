import { describe, expect, it } from 'vitest';
import type { DefinitionFinding, JudgedDefinition } from '../../../controlplane/containers/definition-finding.ts';
import { findDefinitionFaults } from '../../../controlplane/containers/definition-rules.ts';
import { findExecuteCommandFaults, findLaunchFaults } from '../../../controlplane/containers/launch-rules.ts';

const BUILD = { name: 'build', image: 'i', memory: 512 };
const ON_EC2: JudgedDefinition = { containerDefinitions: [BUILD] };
const ON_FARGATE: JudgedDefinition = {
  containerDefinitions: [BUILD],
  networkMode: 'awsvpc',
  cpu: '256',
  memory: '512',
  requiresCompatibilities: ['FARGATE'],
};
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
    ['placementConstraints', { placementConstraints: [{ type: 'distinctInstance' }] }],
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
  ])('%s on EC2: %j %j', (path, changes, container) => {
    const definition = { ...ON_EC2, ...changes, containerDefinitions: [{ ...BUILD, ...container }] };
    expect(pathsOf(findDefinitionFaults(definition))).toEqual([path]);
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
