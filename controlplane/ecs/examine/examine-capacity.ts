import {
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  ListContainerInstancesCommand,
  type ContainerInstance,
} from '@aws-sdk/client-ecs';
import { launchTraits } from '../config/cluster.ts';
import { EcsCallError } from '../client/ecs-error.ts';
import { unchecked, type ClusterFinding, type ExaminedParts, type LaunchedThere } from './cluster-finding.ts';

const NAME = 'capacity';

/** Says whether the cluster has room for a container, as far as its machines or its capacity providers tell. */
export async function examineCapacity(parts: ExaminedParts, launched: LaunchedThere): Promise<ClusterFinding[]> {
  const { launch } = parts.cluster;
  try {
    const providers = launch.type === 'capacity-providers' ? await examineProviders(parts, launch.providers) : null;
    if (launchTraits(launch).kind === 'fargate') {
      return [
        providers ??
          unchecked(
            NAME,
            'Fargate has no machines that could be counted; its own quota of vCPUs is in Service Quotas.',
          ),
      ];
    }
    const machines = await examineMachines(parts, launched.memory, launch.type);
    return providers && providers.outcome !== 'ok' ? [providers, machines] : [machines];
  } catch (error) {
    if (!(error instanceof EcsCallError)) throw error;
    return [unchecked(NAME, `It could not be seen: ${error.awsName}: ${error.awsMessage}`)];
  }
}

async function examineProviders(
  { cluster, ecs, calls }: ExaminedParts,
  wanted: readonly { readonly name: string }[],
): Promise<ClusterFinding> {
  const command = new DescribeClustersCommand({ clusters: [cluster.cluster] });
  const { clusters = [] } = await calls.call('DescribeClusters', () => ecs.send(command));
  const there = clusters[0]?.capacityProviders ?? [];
  const absent = wanted.filter(({ name }) => !there.includes(name)).map(({ name }) => name);
  if (absent.length === 0)
    return {
      name: NAME,
      outcome: 'ok',
      message: `The cluster has the capacity providers ${wanted.map(({ name }) => name).join(', ')}.`,
      remedy: null,
    };
  return {
    name: NAME,
    outcome: 'failed',
    message: `The cluster has no capacity provider ${absent.join(', ')}; it has ${there.length === 0 ? 'none' : there.join(', ')}.`,
    remedy: 'Associate them with aws ecs put-cluster-capacity-providers, or change --launch of wipctl clusters save.',
  };
}

async function examineMachines(
  { cluster, ecs, calls }: ExaminedParts,
  memory: number | null,
  type: 'ec2' | 'fargate' | 'capacity-providers',
): Promise<ClusterFinding> {
  const list = new ListContainerInstancesCommand({ cluster: cluster.cluster, status: 'ACTIVE' });
  const { containerInstanceArns: arns = [], nextToken } = await calls.call('ListContainerInstances', () =>
    ecs.send(list),
  );
  if (arns.length === 0) {
    const grows = type === 'capacity-providers';
    const message = `No container instance is active${grows ? '; the capacity provider has to start one first' : ', so every launch waits'}.`;
    return {
      name: NAME,
      outcome: 'warning',
      message,
      remedy: grows ? null : 'Start machines with the ECS agent in this cluster.',
    };
  }
  const describe = new DescribeContainerInstancesCommand({ cluster: cluster.cluster, containerInstances: arns });
  const { containerInstances = [] } = await calls.call('DescribeContainerInstances', () => ecs.send(describe));
  const connected = containerInstances.filter(({ agentConnected }) => agentConnected !== false);
  const roomiest = Math.max(...connected.map((instance) => leftOf(instance, 'MEMORY')));
  const count =
    arns.length === 1
      ? '1 container instance is active'
      : `${arns.length}${nextToken ? ' or more' : ''} container instances are active`;
  const away = containerInstances.length - connected.length;
  const message = `${count}${away === 0 ? '' : `, ${away} of them without its ECS agent`}; the roomiest has ${roomiest} MiB of memory left`;
  if (connected.length === 0) {
    return {
      name: NAME,
      outcome: 'failed',
      message: `${count}, and the ECS agent of none is connected.`,
      remedy: 'Look at the ECS agent on the machines.',
    };
  }
  if (memory === null || roomiest >= memory) return { name: NAME, outcome: 'ok', message: `${message}.`, remedy: null };
  return {
    name: NAME,
    outcome: 'warning',
    message: `${message}, and a task needs ${memory}: launches wait for room.`,
    remedy: 'Add machines, or wait for containers to end.',
  };
}

function leftOf({ remainingResources = [] }: ContainerInstance, name: string): number {
  return remainingResources.find((resource) => resource.name === name)?.integerValue ?? 0;
}
