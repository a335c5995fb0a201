import type { EC2Client } from '@aws-sdk/client-ec2';
import type { EcsCalls } from './ecs-calls.ts';
import { sdkOptions, type SdkParts } from './sdk-options.ts';

/** Which address of a container the control plane connects to. */
export type AddressKind = 'private' | 'public';

export interface Ec2Addresses {
  /** Returns addresses of machines by their instance id. */
  ofInstances(instanceIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Returns addresses of network interfaces by their id. */
  ofInterfaces(interfaceIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  close(): void;
}

/**
 * Asks EC2 for the addresses of this kind. What has none is left out. The EC2 part of the SDK is large, so it is loaded
 * when it is first needed.
 */
export function createEc2Addresses(parts: SdkParts, calls: EcsCalls, kind: AddressKind): Ec2Addresses {
  let opened: Promise<{ client: EC2Client; ec2: typeof import('@aws-sdk/client-ec2') }> | null = null;
  let close = (): void => undefined;

  async function open() {
    const ec2 = await import('@aws-sdk/client-ec2');
    const client = new ec2.EC2Client(sdkOptions('ec2', parts));
    close = () => client.destroy();
    return { client, ec2 };
  }

  return {
    async ofInstances(instanceIds) {
      if (instanceIds.length === 0) return new Map();
      const { client, ec2 } = await (opened ??= open());
      const command = new ec2.DescribeInstancesCommand({ InstanceIds: [...instanceIds] });
      const answer = await calls.call('DescribeInstances', () => client.send(command));
      const instances = answer.Reservations?.flatMap((reservation) => reservation.Instances ?? []) ?? [];
      return tableOf(
        instances.map(({ InstanceId: id, PrivateIpAddress, PublicIpAddress }) => [
          id,
          kind === 'private' ? PrivateIpAddress : PublicIpAddress,
        ]),
      );
    },
    async ofInterfaces(interfaceIds) {
      if (interfaceIds.length === 0) return new Map();
      const { client, ec2 } = await (opened ??= open());
      // A filter leaves out interfaces that are gone already. By id one of them would fail the call for all.
      const Filters = [{ Name: 'network-interface-id', Values: [...interfaceIds] }];
      const command = new ec2.DescribeNetworkInterfacesCommand({ Filters });
      const answer = await calls.call('DescribeNetworkInterfaces', () => client.send(command));
      return tableOf(
        (answer.NetworkInterfaces ?? []).map(({ NetworkInterfaceId: id, PrivateIpAddress, Association }) => [
          id,
          kind === 'private' ? PrivateIpAddress : Association?.PublicIp,
        ]),
      );
    },
    close: () => close(),
  };
}

function tableOf(rows: readonly (readonly [string | undefined, string | undefined])[]): ReadonlyMap<string, string> {
  return new Map(rows.flatMap(([id, address]) => (id && address ? [[id, address] as const] : [])));
}
