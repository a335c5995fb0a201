import type { EC2Client } from '@aws-sdk/client-ec2';
import type { EcsCluster } from './cluster.ts';
import type { EcsCalls } from './ecs-calls.ts';
import { sdkOptions } from './sdk-options.ts';

interface Ec2Addresses {
  privateAddresses(instanceIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  close(): void;
}

/**
 * Asks EC2 for the private addresses of machines. The EC2 part of the SDK is large, so it is loaded when it is first
 * needed.
 */
export function createEc2Addresses(cluster: EcsCluster, calls: EcsCalls): Ec2Addresses {
  let opened: Promise<{ client: EC2Client; ec2: typeof import('@aws-sdk/client-ec2') }> | null = null;
  let close = (): void => undefined;

  async function open() {
    const ec2 = await import('@aws-sdk/client-ec2');
    const client = new ec2.EC2Client(sdkOptions(cluster));
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
