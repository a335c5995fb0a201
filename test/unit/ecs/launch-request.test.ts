import { describe, expect, it } from 'vitest';
import { isLegacyLaunch, LaunchRequest } from '../../../controlplane/containers/launch-ledger.ts';
import { placementOf } from '../../../controlplane/ecs/config/cluster.ts';
import { buildLaunchRequest } from '../../../controlplane/ecs/launch/launch-request.ts';
import { systemClock } from '../../../shared/time/clock.ts';
import { findRequestFaults } from '../../kit/ecs/ecs-model.ts';
import { shippedEcsConfig } from '../../kit/ecs/shipped-ecs-config.ts';

const IDENTITY = {
  taskId: 7,
  attemptNumber: 1,
  attemptUuid: '0b5c2f5e-9c1f-4a57-8f0e-0d3f3c1e7a11',
  signalUrl: 'https://wip/v1/signal/c',
  signalBody: {},
  enrolUrl: 'https://wip/v1/enrol',
  enrolToken: 'u.s',
  signalUser: 'u:b',
  sshPublicKey: 'ssh-ed25519 AAAA',
  startedBy: 'wip/i/7/1',
  traceparent: null,
};

const RUN_TASK = `
default:
  runTask:
    enableExecuteCommand: true
    enableECSManagedTags: true
    propagateTags: TASK_DEFINITION
    group: builds
    tags: [{ key: team, value: web }]
    overrides: { cpu: "2048", memory: "8192", ephemeralStorage: { sizeInGiB: 50 } }
    volumeConfigurations:
      - name: data
        managedEBSVolume: { roleArn: "arn:aws:iam::123456789012:role/ebs", sizeInGiB: 100, volumeType: gp3 }
`;

function build(site: string, containerSize = {}) {
  const { runTask } = shippedEcsConfig(site).settingsFor({ kind: 'BuildSteps' });
  return buildLaunchRequest({
    identity: IDENTITY,
    definition: {
      arn: 'arn:aws:ecs:r:123456789012:task-definition/f:1',
      containerName: 'build',
      runTask: runTask ?? {},
      containerSize,
    },
    overrides: [],
    cluster: 'builds',
    placement: placementOf({ type: 'fargate', subnets: ['subnet-1'], assignPublicIp: true }),
    ecs: { clusterName: 'default' },
    clock: systemClock,
  });
}

describe('the RunTask of an attempt', () => {
  it('holds what the configuration says beside the definition, and is a request of ECS', () => {
    const { runTask } = build(RUN_TASK);
    expect(runTask).toMatchObject({
      enableExecuteCommand: true,
      enableECSManagedTags: true,
      propagateTags: 'TASK_DEFINITION',
      group: 'builds',
      overrides: {
        cpu: '2048',
        memory: '8192',
        ephemeralStorage: { sizeInGiB: 50 },
        containerOverrides: [{ name: 'build' }],
      },
      volumeConfigurations: [{ name: 'data', managedEBSVolume: { sizeInGiB: 100 } }],
    });
    expect(runTask.tags).toEqual([
      { key: 'team', value: 'web' },
      { key: 'wip:task', value: '7' },
      { key: 'wip:attempt', value: '1' },
    ]);
    expect(findRequestFaults('RunTask', runTask)).toEqual([]);
  });

  it('is read back from the store as it was sent, so that a repetition is the same request', () => {
    const request = build(RUN_TASK, { cpu: 512, memory: 8192 });
    expect(LaunchRequest.parse(JSON.parse(JSON.stringify(request)))).toEqual(request);
  });

  it('holds the sizes of the container that a task wants', () => {
    const { runTask } = build(RUN_TASK, { cpu: 512, memory: 8192 });
    expect(runTask.overrides.containerOverrides).toMatchObject([{ name: 'build', cpu: 512, memory: 8192 }]);
    expect(findRequestFaults('RunTask', runTask)).toEqual([]);
  });

  it('holds none of that unless it is configured', () => {
    expect(Object.keys(build('').runTask).sort()).toEqual([
      'clientToken',
      'cluster',
      'count',
      'launchType',
      'networkConfiguration',
      'overrides',
      'startedBy',
      'tags',
      'taskDefinition',
    ]);
  });

  it('gives a container without an agent what a shell entrypoint knows, and no token to enrol with', () => {
    const request = buildLaunchRequest({
      identity: IDENTITY,
      definition: { arn: 'arn:aws:ecs:r:123456789012:task-definition/f:1', containerName: 'build', isLegacy: true },
      overrides: [
        { key: 'A', value: '1', secure: false },
        { key: 'CONTAINER_SSH_KEY', value: 'of the task', secure: false },
        { key: 'HIDDEN', value: '2', secure: true },
      ],
      limits: { maxTimeSeconds: 60 },
      cluster: 'builds',
      placement: {},
      ecs: { clusterName: 'default' },
      clock: systemClock,
    });
    expect(request.runTask.overrides.containerOverrides[0]?.environment).toEqual([
      { name: 'SIGNAL_URL', value: 'https://wip/v1/signal/c' },
      { name: 'SIGNAL_BODY', value: '{"classId":"$acquia.wip.signal.container.complete","type":1}' },
      { name: 'SIGNAL_USER', value: 'u:b' },
      { name: 'CONTAINER_SSH_KEY', value: 'ssh-ed25519 AAAA' },
      { name: 'A', value: '1' },
    ]);
    expect([isLegacyLaunch(request), isLegacyLaunch(build(''))]).toEqual([true, false]);
  });

  it('tells the build of the trace it belongs to, unless the task does or ECS would take no more', () => {
    const traceparent = '00-0b5c2f5e9c1f4a578f0e0d3f3c1e7a11-00f067aa0ba902b7-01';
    const overridesOf = (overrides: { key: string; value: string; secure: boolean }[], identity = {}) =>
      buildLaunchRequest({
        identity: { ...IDENTITY, traceparent, ...identity },
        definition: { arn: 'arn:aws:ecs:r:123456789012:task-definition/f:1', containerName: 'build' },
        overrides,
        cluster: 'builds',
        placement: {},
        ecs: { clusterName: 'default' },
        clock: systemClock,
      }).runTask.overrides;
    const environmentWith = (overrides: { key: string; value: string; secure: boolean }[]) => {
      const { environment } = overridesOf(overrides).containerOverrides[0]!;
      return Object.fromEntries(environment.map(({ name, value }) => [name, value]));
    };
    const plain = { key: 'A', value: '1', secure: false };
    expect(environmentWith([plain])).toMatchObject({ TRACEPARENT: traceparent, WIP_BUILD_ENV: 'A,TRACEPARENT' });
    const own = { key: 'TRACEPARENT', value: 'mine', secure: false };
    expect(environmentWith([own])).toMatchObject({ TRACEPARENT: 'mine', WIP_BUILD_ENV: 'TRACEPARENT' });
    // There is room for the task's own overrides to the last character, and for nothing else.
    const without = JSON.stringify(overridesOf([plain], { traceparent: null })).length;
    const large = environmentWith([{ ...plain, value: 'x'.repeat(8_192 - without + 1) }]);
    expect(large).not.toHaveProperty('TRACEPARENT');
    expect(large['WIP_BUILD_ENV']).toBe('A');
  });
});
