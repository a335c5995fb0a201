import { describe, expect, it } from 'vitest';
import { EcsCallError } from '../../../controlplane/ecs/client/ecs-error.ts';
import type { ClusterLocation, NamedLocation } from '../../../controlplane/ecs/config/cluster-location.ts';
import { createAttemptOpener, type OpenCluster } from '../../../controlplane/clusters/open-attempt.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { HastyClock } from '../../kit/hasty-clock.ts';

const LOCATION: ClusterLocation = {
  region: 'eu-west-1',
  cluster: 'main',
  endpoint: null,
  accessKeyId: 'K',
  roleArn: null,
};
const DEFINITION = 'arn:aws:ecs:eu-west-1:111111111111:task-definition/WIP:1';
const ATTEMPT = { cluster: 'a', location: { ...LOCATION }, taskDefinition: DEFINITION, arn: null };

/** Returns an opener for rows whose access keys belong to `accounts`. null: AWS does not say which account it is. */
function openerOf(rows: readonly NamedLocation[], accounts: Record<string, string | null>) {
  const clock = new HastyClock();
  const asked: string[] = [];
  const openAt = (name: string, location: ClusterLocation): Promise<OpenCluster> => {
    const accessKeyId = rows.find((row) => row.name === name)?.accessKeyId ?? '';
    const check = () => {
      asked.push(accessKeyId);
      const account = accounts[accessKeyId];
      if (!account) return Promise.reject(new EcsCallError('DescribeClusters', 'access-denied', new Error('No.')));
      return Promise.resolve({ status: 'ACTIVE', arn: `arn:aws:ecs:${location.region}:${account}:cluster/main` });
    };
    // The opener uses only these parts of the client and the access.
    const opened = { row: name, client: { check }, access: { name, location: { ...location, accessKeyId } } };
    return Promise.resolve(opened as unknown as OpenCluster);
  };
  const open = createAttemptOpener({
    listLocations: () => Promise.resolve(rows),
    openRow: (name) => openAt(name, LOCATION),
    openAt,
    clock,
    isFresh: (checkedMs) => clock.monotonicMs() - checkedMs < 5_000,
  });
  return { open, asked, clock };
}

const row = (name: string, changes: Partial<ClusterLocation> = {}): NamedLocation => ({
  ...LOCATION,
  ...changes,
  name,
});

describe('an attempt whose row was given new credentials', () => {
  it('is asked for with them when AWS says that they are of the same account, which is asked once', async () => {
    const { open, asked, clock } = openerOf([row('a', { accessKeyId: 'N' })], { N: '111111111111' });
    expect((await open(ATTEMPT)).access.location.accessKeyId).toBe('N');
    await open(ATTEMPT);
    expect(asked).toEqual(['N']);
    await clock.sleep(6_000);
    expect((await open(ATTEMPT)).row).toBe('a');
  });

  it('is not looked for in another account, where it would seem never to have been', async () => {
    const { open } = openerOf([row('a', { accessKeyId: 'N' })], { N: '222222222222' });
    await expect(open(ATTEMPT)).rejects.toMatchObject({ code: 'CLUSTER_UNKNOWN' });
  });

  it('is not looked for while AWS does not say which account they are of', async () => {
    const { open } = openerOf([row('a', { accessKeyId: 'N' })], { N: null });
    const error: unknown = await open(ATTEMPT).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EcsCallError);
    expect(error).toBeInstanceOf(OperationalError);
  });

  it('is found through another row of the cluster that has the credentials of its launch', async () => {
    const { open } = openerOf([row('a', { accessKeyId: 'N' }), row('b')], { N: '222222222222' });
    expect((await open(ATTEMPT)).row).toBe('b');
  });
});

describe('an attempt whose row means another cluster by now', () => {
  it('is asked for in its own cluster, with the credentials that it was launched with', async () => {
    const { open, asked } = openerOf([row('a', { region: 'us-east-1' })], {});
    expect((await open(ATTEMPT)).access.location).toEqual(LOCATION);
    expect(asked).toEqual([]);
  });
});
