import { describe, expect, it } from 'vitest';
import {
  accountOf,
  decideClusterRoutes,
  isSameCluster,
  locationKey,
  type ClusterLocation,
  type NamedLocation,
} from '../../../controlplane/ecs/config/cluster-location.ts';

const LOCATION: ClusterLocation = {
  region: 'eu-west-1',
  cluster: 'main',
  endpoint: null,
  accessKeyId: 'K',
  roleArn: null,
};
const row = (name: string, changes: Partial<ClusterLocation> = {}): NamedLocation => ({
  ...LOCATION,
  ...changes,
  name,
});
const arn = (account: string): string => `arn:aws:ecs:eu-west-1:${account}:cluster/main`;

describe('which ECS cluster is meant', () => {
  it.each<[string, Partial<ClusterLocation>, boolean]>([
    ['a name', {}, true],
    ['its ARN', { cluster: arn('111111111111') }, true],
    ['other credentials', { accessKeyId: 'other' }, true],
    ['the same name in another region', { region: 'us-east-1' }, false],
    ['the same name behind another endpoint', { endpoint: 'http://127.0.0.1:1' }, false],
    ['another name', { cluster: 'second' }, false],
  ])('by %s', (_how, changes, expected) => {
    expect(isSameCluster(LOCATION, { ...LOCATION, ...changes })).toBe(expected);
  });

  it('is two clusters where ARNs say two accounts', () => {
    const [one, other] = [arn('111111111111'), arn('222222222222')].map((cluster) => ({ ...LOCATION, cluster }));
    expect(isSameCluster(one!, other!)).toBe(false);
  });

  it('is looked at once for rows of the same credentials, and for each of others', () => {
    expect(locationKey({ ...LOCATION, cluster: arn('111111111111') })).toBe(locationKey(LOCATION));
    expect(locationKey({ ...LOCATION, accessKeyId: 'other' })).not.toBe(locationKey(LOCATION));
  });

  it('has an account where an ARN says it', () => {
    expect(accountOf('arn:aws:ecs:eu-west-1:111111111111:task/main/1')).toBe('111111111111');
    expect(accountOf('arn:aws-cn:ecs:cn-north-1:111111111111:task-definition/WIP:1')).toBe('111111111111');
    expect(accountOf(null)).toBeNull();
    expect(accountOf('unused')).toBeNull();
  });
});

describe('the way to the cluster of an attempt', () => {
  const attempt = { cluster: 'a', location: LOCATION };
  it.each<[string, NamedLocation[], string[]]>([
    ['its own row', [row('b'), row('a')], ['row a', 'row b']],
    [
      'its own row with new credentials, when AWS says they are of the account',
      [row('a', { accessKeyId: 'N' })],
      ['unproven a'],
    ],
    [
      'another row while its own means another cluster',
      [row('a', { region: 'us-east-1' }), row('b')],
      ['row b', 'credentials a'],
    ],
    ['its own credentials when no row leads there', [row('a', { cluster: 'second' })], ['credentials a']],
    ['the same credentials in any row when its own is gone', [row('c', { cluster: 'second' })], ['credentials c']],
    [
      'other credentials for the cluster only with proof',
      [row('b', { accessKeyId: 'N' }), row('c', { accessKeyId: 'N', cluster: 'second' })],
      ['unproven b'],
    ],
    ['none', [row('c', { accessKeyId: 'N', region: 'us-east-1' })], []],
  ])('is %s', (_what, rows, ways) => {
    expect(decideClusterRoutes(attempt, rows).map(({ kind, name }) => `${kind} ${name}`)).toEqual(ways);
  });

  it('is the row of that name for an attempt of an earlier version, and no other', () => {
    expect(decideClusterRoutes({ cluster: 'a', location: null }, [row('b'), row('a', { cluster: 'second' })])).toEqual([
      { kind: 'row', name: 'a' },
    ]);
    expect(decideClusterRoutes({ cluster: 'a', location: null }, [row('b')])).toEqual([]);
  });
});
