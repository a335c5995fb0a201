import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ContainerInstance, Task } from '@aws-sdk/client-ecs';
import { LRUCache } from 'lru-cache';
import type { Logger } from '../../shared/support/logger.ts';
import type { EcsCalls } from './ecs-calls.ts';
import { EcsCallError } from './ecs-error.ts';
import { sdkOptions, type SdkParts } from './sdk-options.ts';

interface InstanceHostsDeps {
  /** Asks ECS for container instances, which name their EC2 instances. */
  readonly describeContainerInstances: (arns: readonly string[]) => Promise<readonly ContainerInstance[]>;
  /** Asks EC2 for private addresses by instance id. */
  readonly privateAddresses: (instanceIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly log: Logger;
}

export interface InstanceHosts {
  /**
   * Looks up the machines of these tasks that are not known yet. Never rejects: a container without an address is asked
   * for again.
   */
  learn(tasks: readonly Task[]): Promise<void>;
  hostOf(containerInstanceArn: string): string | null;
}

// A cluster has at most so many machines (5,000 container instances by default quota, "Amazon ECS service quotas").
const MAX_KEPT = 5_000;

/**
 * On a bridge network a container is reached at the address of its machine, which ECS does not tell. The address never
 * changes while the machine lives, so each machine is asked for once.
 */
export function createInstanceHosts(deps: InstanceHostsDeps): InstanceHosts {
  const hosts = new LRUCache<string, string>({ max: MAX_KEPT });

  return {
    async learn(tasks) {
      const unknown = new Set(tasks.filter(needsItsMachine).map((task) => task.containerInstanceArn ?? ''));
      const arns = [...unknown].filter((arn) => arn !== '' && !hosts.has(arn));
      if (arns.length === 0) return;
      try {
        const instances = await deps.describeContainerInstances(arns);
        const ids = instances.flatMap((instance) => instance.ec2InstanceId ?? []);
        const addresses = await deps.privateAddresses(ids);
        for (const { containerInstanceArn, ec2InstanceId } of instances) {
          const host = addresses.get(ec2InstanceId ?? '');
          if (containerInstanceArn && host) hosts.set(containerInstanceArn, host);
        }
      } catch (error) {
        if (!(error instanceof EcsCallError)) throw error;
        deps.log.warn({ err: error, machines: arns.length }, 'the addresses of machines are not known');
      }
    },
    hostOf: (arn) => hosts.get(arn) ?? null,
  };
}

function needsItsMachine(task: Task): boolean {
  const bindings = task.containers?.flatMap((container) => container.networkBindings ?? []) ?? [];
  return task.lastStatus === 'RUNNING' && bindings.some((binding) => isAnyAddress(binding.bindIP));
}

/** Whether a port is bound on all addresses of its machine, so that the binding does not say which to use. */
export function isAnyAddress(bindIP: string | undefined): boolean {
  return bindIP === undefined || bindIP === '' || bindIP === '0.0.0.0' || bindIP === '::';
}

interface Ec2Addresses {
  privateAddresses(instanceIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  close(): void;
}

/**
 * Asks EC2 for the private addresses of machines. The EC2 part of the SDK is large, so it is loaded when it is first
 * needed.
 */
export function createEc2Addresses(parts: SdkParts, calls: EcsCalls): Ec2Addresses {
  let opened: Promise<{ client: EC2Client; ec2: typeof import('@aws-sdk/client-ec2') }> | null = null;
  let close = (): void => undefined;

  async function open() {
    const ec2 = await import('@aws-sdk/client-ec2');
    const client = new ec2.EC2Client(sdkOptions('ec2', parts));
    close = () => client.destroy();
    return { client, ec2 };
  }

  return {
    async privateAddresses(instanceIds) {
      if (instanceIds.length === 0) return new Map();
      opened ??= open();
      const { client, ec2 } = await opened;
      const command = new ec2.DescribeInstancesCommand({ InstanceIds: [...instanceIds] });
      const answer = await calls.call('DescribeInstances', () => client.send(command));
      const instances = answer.Reservations?.flatMap((reservation) => reservation.Instances ?? []) ?? [];
      return new Map(instances.map(({ InstanceId, PrivateIpAddress }) => [InstanceId ?? '', PrivateIpAddress ?? '']));
    },
    close: () => close(),
  };
}
