import type { EC2Client } from '@aws-sdk/client-ec2';
import * as sdk from '@aws-sdk/client-ecs';
import { EcsCallError } from '../client/ecs-error.ts';
import type { EcsCalls } from '../client/ecs-calls.ts';

/** What a harmless call told about a permission. */
export type ProbeOutcome =
  { readonly kind: 'allowed' } | { readonly kind: 'denied' | 'credentials' | 'unanswered'; readonly sentence: string };

// Ids that AWS never gives: nothing can be started, changed or stopped with them.
const NO_TASK = '0'.repeat(32);
const NO_MACHINE = 'i-00000000000000000';
const NO_INTERFACE = 'eni-00000000000000000';
const NO_DEFINITION = 'WIP_check_is_never_registered:1';

export interface ProbeDeps {
  readonly ecs: sdk.ECSClient;
  readonly calls: EcsCalls;
  /** ECS's name of the cluster. */
  readonly cluster: string;
  /** Null: the cluster could not be described. */
  readonly clusterArn: string | null;
  readonly ec2: () => Promise<EC2Client>;
}

type Send = (deps: ProbeDeps) => Promise<unknown>;

/**
 * A call for each action that changes nothing: it asks for something that cannot exist. IAM is asked before ECS looks
 * for it, so an answer other than a denial proves the right, unless a policy names other resources than this one.
 */
const PROBES: Readonly<Record<string, Send>> = {
  'ecs:RunTask': ({ ecs, cluster }) =>
    ecs.send(new sdk.RunTaskCommand({ cluster, taskDefinition: NO_DEFINITION, count: 1, startedBy: 'wip-check' })),
  'ecs:TagResource': ({ ecs, clusterArn }) =>
    ecs.send(
      new sdk.TagResourceCommand({ resourceArn: noTaskOf(clusterArn), tags: [{ key: 'wip:check', value: '1' }] }),
    ),
  'ecs:StopTask': ({ ecs, cluster }) =>
    ecs.send(new sdk.StopTaskCommand({ cluster, task: NO_TASK, reason: 'wip: check' })),
  'ecs:DescribeTasks': ({ ecs, cluster }) => ecs.send(new sdk.DescribeTasksCommand({ cluster, tasks: [NO_TASK] })),
  'ecs:ListTasks': ({ ecs, cluster }) => ecs.send(new sdk.ListTasksCommand({ cluster, maxResults: 1 })),
  'ecs:RegisterTaskDefinition': ({ ecs }) =>
    ecs.send(new sdk.RegisterTaskDefinitionCommand({ family: 'WIP_check', containerDefinitions: [] })),
  'ecs:DescribeClusters': ({ ecs, cluster }) => ecs.send(new sdk.DescribeClustersCommand({ clusters: [cluster] })),
  'ecs:DescribeContainerInstances': ({ ecs, cluster }) =>
    ecs.send(new sdk.DescribeContainerInstancesCommand({ cluster, containerInstances: [NO_TASK] })),
  'ec2:DescribeInstances': async ({ ec2 }) => {
    const { DescribeInstancesCommand } = await import('@aws-sdk/client-ec2');
    return (await ec2()).send(new DescribeInstancesCommand({ InstanceIds: [NO_MACHINE] }));
  },
  'ec2:DescribeNetworkInterfaces': async ({ ec2 }) => {
    const { DescribeNetworkInterfacesCommand } = await import('@aws-sdk/client-ec2');
    return (await ec2()).send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [NO_INTERFACE] }));
  },
};

/** The actions that a harmless call can prove. */
export const PROBED_ACTIONS: readonly string[] = Object.keys(PROBES);

export async function probePermission(deps: ProbeDeps, action: string): Promise<ProbeOutcome> {
  const send = PROBES[action];
  if (!send) throw new Error(`no call proves ${action}`);
  try {
    await deps.calls.call(action.replace(/^\w+:/, ''), () => send(deps));
    return { kind: 'allowed' };
  } catch (error) {
    if (!(error instanceof EcsCallError)) throw error;
    return outcomeOf(error);
  }
}

function outcomeOf(error: EcsCallError): ProbeOutcome {
  const sentence = `${error.awsName}: ${error.awsMessage}`;
  switch (error.class) {
    case 'access-denied':
      // Without credentials nobody was asked, so nobody has denied anything.
      return { kind: error.awsName === 'CredentialsProviderError' ? 'credentials' : 'denied', sentence };
    case 'credentials-expired':
      return { kind: 'credentials', sentence };
    case 'throttled':
    case 'unavailable':
      return { kind: 'unanswered', sentence };
    case 'invalid':
    case 'conflict':
    // The line about the cluster says that it is missing.
    case 'cluster-missing':
      return { kind: 'allowed' };
  }
}

/** TagResource wants the ARN of something in this account; else it is refused before IAM is asked. */
function noTaskOf(clusterArn: string | null): string {
  const arn = clusterArn ?? 'arn:aws:ecs:us-east-1:000000000000:cluster/default';
  return `${arn.replace(':cluster/', ':task/')}/${NO_TASK}`;
}
