import { ECSClient } from '@aws-sdk/client-ecs';
import { describe, expect, it } from 'vitest';
import {
  checkArns,
  ConnectionSettings,
  endpointOf,
  partitionOf,
} from '../../../controlplane/ecs/client/aws-connection.ts';
import { isExempt, proxyFor } from '../../../controlplane/ecs/client/proxy.ts';
import { sdkOptions } from '../../../controlplane/ecs/client/sdk-options.ts';

const VPC = 'https://vpce-1.ecs.eu-central-1.vpce.amazonaws.com';
const LOCAL = 'http://127.0.0.1:8091';

/** Returns the address that the SDK calls for ECS. */
async function addressOf(region: string, connection: ConnectionSettings = {}): Promise<string> {
  const cluster = { name: 'c', region, cluster: 'c', launch: { type: 'ec2' }, connection } as const;
  const { config } = new ECSClient(sdkOptions('ecs', { cluster, credentials: null, proxy: { url: null, except: '' } }));
  const { url } = config.endpointProvider({
    Region: await config.region(),
    UseFIPS: await config.useFipsEndpoint(),
    UseDualStack: await config.useDualstackEndpoint(),
  });
  return url.href;
}

describe('the address of ECS', () => {
  it.each([
    ['eu-central-1', {}, 'https://ecs.eu-central-1.amazonaws.com/'],
    ['cn-north-1', {}, 'https://ecs.cn-north-1.amazonaws.com.cn/'],
    ['us-gov-west-1', { fips: true }, 'https://ecs-fips.us-gov-west-1.amazonaws.com/'],
    ['us-east-1', { fips: true }, 'https://ecs-fips.us-east-1.amazonaws.com/'],
    ['eu-central-1', { dualStack: true }, 'https://ecs.eu-central-1.api.aws/'],
    ['us-east-1', { fips: true, dualStack: true }, 'https://ecs-fips.us-east-1.api.aws/'],
  ])('in %s with %j is %s', async (region, connection, address) => {
    expect(await addressOf(region, connection)).toBe(address);
  });

  it('is that of the cluster where it has one, for each service apart', () => {
    const of = (endpoint: string | null, connection: ConnectionSettings = {}) =>
      (['ecs', 'ec2', 'sts'] as const).map((service) => endpointOf(service, { endpoint, connection }));
    expect(of(null)).toEqual([null, null, null]);
    expect(of(VPC)).toEqual([VPC, null, null]);
    expect(of(VPC, { ec2Endpoint: 'https://ec2.x', stsEndpoint: 'https://sts.x' })).toEqual([
      VPC,
      'https://ec2.x',
      'https://sts.x',
    ]);
    expect(of(LOCAL)).toEqual([LOCAL, LOCAL, 'none']);
    expect(of(LOCAL, { stsEndpoint: 'http://127.0.0.1:1' })).toEqual([LOCAL, LOCAL, 'http://127.0.0.1:1']);
    expect(of('https://amazonaws.com.example.org')).toEqual([
      'https://amazonaws.com.example.org',
      'https://amazonaws.com.example.org',
      'none',
    ]);
  });
});

describe('partitions', () => {
  it.each([
    ['eu-central-1', 'aws'],
    ['cn-northwest-1', 'aws-cn'],
    ['us-gov-east-1', 'aws-us-gov'],
    ['us-iso-east-1', 'aws-iso'],
    ['us-isob-east-1', 'aws-iso-b'],
    ['eusc-de-east-1', 'aws-eusc'],
    ['local', 'aws'],
  ])('%s is of %s', (region, partition) => {
    expect(partitionOf(region)).toBe(partition);
  });

  it.each([
    ['eu-central-1', 'builds', 'arn:aws:iam::123456789012:role/wip/build', []],
    ['cn-north-1', 'arn:aws-cn:ecs:cn-north-1:123456789012:cluster/builds', 'arn:aws-cn:iam::123456789012:role/x', []],
    [
      'cn-north-1',
      'builds',
      'arn:aws:iam::123456789012:role/x',
      [/role is of the partition aws and cn-north-1 of aws-cn/],
    ],
    ['eu-central-1', 'builds', 'arn:aws:iam::1:user/x', [/is not the ARN of a role/]],
    ['eu-west-1', 'arn:aws:ecs:eu-central-1:123456789012:cluster/b', null, [/is in eu-central-1/]],
    ['eu-west-1', 'arn:aws:ecs:eu-west-1:123456789012:service/b', null, [/is not the ARN of a cluster/]],
  ])('in %s the cluster %s and the role %s are checked', (region, cluster, roleArn, problems) => {
    const path = roleArn === null ? 'cluster' : 'roleArn';
    expect(checkArns({ region, cluster, roleArn })).toEqual(
      problems.map((one) => ({ path, message: expect.stringMatching(one) as string })),
    );
  });
});

describe('the proxy', () => {
  const node = { url: 'http://proxy:3128', except: 'example.org, .internal:8443 10.0.0.1' };
  const via = (url: string, own?: string): string | null => proxyFor(new URL(url), own, node);

  it('of the node is used for https, but not for the hosts in no_proxy', () => {
    expect(via('https://ecs.eu-central-1.amazonaws.com')).toBe(node.url);
    expect(via('http://127.0.0.1:8091')).toBeNull();
    expect(via('https://example.org')).toBeNull();
    expect(via('https://a.example.org')).toBeNull();
    expect(via('https://notexample.org')).toBe(node.url);
    expect(via('https://a.internal:8443')).toBeNull();
    expect(via('https://a.internal')).toBe(node.url);
    expect(via('https://10.0.0.1')).toBeNull();
    expect(isExempt(new URL('https://a.b'), '*')).toBe(true);
    expect(isExempt(new URL('https://[::1]:8443'), '[::1]')).toBe(true);
  });

  it.each([
    ['https://10.1.2.3', '10.0.0.0/8', true],
    ['https://10.1.2.3', 'corp.example, 192.168.0.0/16,10.1.2.0/24', true],
    ['https://11.1.2.3', '10.0.0.0/8', false],
    ['https://10.1.2.3', '10.1.2.3/32', true],
    ['https://[fd00::7]', 'fd00::/8', true],
    ['https://[fe80::7]', 'fd00::/8', false],
    ['https://10.1.2.3', 'fd00::/8', false],
    // A name is not looked up.
    ['https://ecs.example', '0.0.0.0/0', false],
    ['https://10.1.2.3', '10.0.0.0/33', false],
    ['https://10.1.2.3', '10.0.0.0/', false],
    ['https://10.1.2.3', '/8', false],
  ])('of the node is not used for %s with NO_PROXY=%s: %s', (url, except, exempt) => {
    expect(isExempt(new URL(url), except)).toBe(exempt);
  });

  it('of a cluster is used for all of its addresses, and may be none', () => {
    expect(via('http://127.0.0.1:8091', 'http://other:1')).toBe('http://other:1');
    expect(via('https://example.org', 'http://other:1')).toBe('http://other:1');
    expect(via('https://ecs.eu-central-1.amazonaws.com', 'direct')).toBeNull();
  });

  it('of a cluster has no password, which everybody who sees clusters could read', () => {
    expect(ConnectionSettings.safeParse({ proxy: 'http://user:password@proxy:3128' }).success).toBe(false);
    expect(ConnectionSettings.safeParse({ proxy: 'proxy' }).success).toBe(false);
    expect(ConnectionSettings.safeParse({ proxy: 'http://proxy:3128' }).success).toBe(true);
  });
});
