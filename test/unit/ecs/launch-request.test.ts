import { describe, expect, it } from 'vitest';
import { LaunchRequest } from '../../../controlplane/containers/launch-ledger.ts';
import { placementOf } from '../../../controlplane/ecs/cluster.ts';
import { buildLaunchRequest } from '../../../controlplane/ecs/launch-request.ts';
import { systemClock } from '../../../shared/support/clock.ts';
import { findRequestFaults } from '../../kit/ecs-model.ts';
import { shippedEcsConfig } from '../../kit/shipped-ecs-config.ts';

const IDENTITY = {
  taskId: 7,
  attemptNumber: 1,
  attemptUuid: '0b5c2f5e-9c1f-4a57-8f0e-0d3f3c1e7a11',
  signalUrl: 'https://wip/v1/signal/c',
  signalBody: {},
  enrolUrl: 'https://wip/v1/enrol',
  enrolToken: 'u.s',
  startedBy: 'wip/i/7/1',
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

function build(site: string) {
  const { runTask } = shippedEcsConfig(site).settingsFor({ kind: 'BuildSteps' });
  return buildLaunchRequest({
    identity: IDENTITY,
    definition: {
      arn: 'arn:aws:ecs:r:123456789012:task-definition/f:1',
      containerName: 'build',
      runTask: runTask ?? {},
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
    const request = build(RUN_TASK);
    expect(LaunchRequest.parse(JSON.parse(JSON.stringify(request)))).toEqual(request);
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
});
