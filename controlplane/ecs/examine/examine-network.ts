import { classifyEcsError, nameOf } from '../client/classify-ecs-error.ts';
import { messageOf } from '../../../shared/model/error.ts';
import { unchecked, type ClusterFinding, type ExaminedParts } from './cluster-finding.ts';

/** Says whether the subnets and security groups of the cluster's launch settings exist, where it has any. */
export async function examineNetwork(parts: ExaminedParts): Promise<ClusterFinding[]> {
  const { subnets = [], securityGroups = [] } = parts.cluster.launch;
  return [
    ...(subnets.length === 0 ? [] : [await examineOne(parts, 'subnets', subnets)]),
    ...(securityGroups.length === 0 ? [] : [await examineOne(parts, 'security groups', securityGroups)]),
  ];
}

async function examineOne(
  { ec2: open }: ExaminedParts,
  name: 'subnets' | 'security groups',
  ids: readonly string[],
): Promise<ClusterFinding> {
  try {
    const sdk = await import('@aws-sdk/client-ec2');
    const ec2 = await open();
    if (name === 'subnets') {
      const { Subnets = [] } = await ec2.send(new sdk.DescribeSubnetsCommand({ SubnetIds: [...ids] }));
      const free = Math.min(...Subnets.map(({ AvailableIpAddressCount }) => AvailableIpAddressCount ?? 0));
      if (free === 0) {
        const message = `A subnet of ${ids.join(', ')} has no free address.`;
        return { name, outcome: 'warning', message, remedy: 'Name another subnet, or give this one more addresses.' };
      }
    } else {
      await ec2.send(new sdk.DescribeSecurityGroupsCommand({ GroupIds: [...ids] }));
    }
    return {
      name,
      outcome: 'ok',
      message: `${ids.join(', ')} ${ids.length === 1 ? 'is' : 'are'} there.`,
      remedy: null,
    };
  } catch (error) {
    // EC2 names what does not exist: InvalidSubnetID.NotFound, InvalidGroup.NotFound, InvalidSubnetId.Malformed.
    if (/^Invalid(Subnet|Group|SecurityGroup)/.test(nameOf(error))) {
      const remedy = 'Correct --launch of wipctl clusters save; subnets and groups are of the region of the cluster.';
      return { name, outcome: 'failed', message: messageOf(error), remedy };
    }
    if (classifyEcsError(error) === null) throw error;
    // Only this check calls EC2 for it, so a missing right breaks nothing.
    return unchecked(name, `Whether ${ids.join(', ')} exist could not be seen: ${nameOf(error)}: ${messageOf(error)}`);
  }
}
