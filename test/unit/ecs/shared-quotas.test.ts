import { describe, expect, it } from 'vitest';
import { overrideQuota, parseQuotaOverrides } from '../../../controlplane/ecs/client/quota-overrides.ts';
import { ECS_QUOTAS } from '../../../controlplane/ecs/client/quotas.ts';
import {
  createSharedQuotas,
  type AccountBuckets,
  type QuotaUser,
} from '../../../controlplane/ecs/client/shared-quotas.ts';

const clock = { now: () => new Date(0), monotonicMs: () => 0, sleep: () => Promise.resolve() };
const USER: QuotaUser = { identity: 'key-1', account: null, region: 'eu', endpoint: null, ec2Endpoint: null };
const MODIFY = 'cluster-resource-modify';

function quotas(overrides = '') {
  const shared = createSharedQuotas({ liveNodes: () => 1, clock, overrides: parseQuotaOverrides(overrides) });
  return { shared, of: (changes: Partial<QuotaUser> = {}) => shared.of({ ...USER, ...changes }) };
}

const left = (buckets: AccountBuckets, name = MODIFY): number | undefined => buckets.get(name)?.bucket.tokens;

async function launch(buckets: AccountBuckets, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) await buckets.get(MODIFY)!.bucket.take();
}

describe('quotas of an account', () => {
  it('are taken by all rows together: four rows with keys of one account get 100 launches and not 400', async () => {
    const { of } = quotas();
    const rows = [1, 2, 3, 4].map((n) => of({ identity: `key-${n}`, account: '123456789012' }));
    for (const row of rows) await launch(row(), 25);
    expect(rows.map((row) => left(row()))).toEqual([0, 0, 0, 0]);
  });

  it('are apart for another account, region or server, and for ECS and EC2', async () => {
    const { of } = quotas();
    await launch(of()(), 40);
    expect(left(of()())).toBe(60);
    expect(left(of()(), 'ec2-read')).toBe(100);
    for (const other of [{ identity: 'key-2' }, { region: 'us' }, { endpoint: 'http://127.0.0.1:1' }]) {
      expect(left(of(other)()), JSON.stringify(other)).toBe(100);
    }
    await of()().get('ec2-read')!.bucket.take();
    expect(left(of({ endpoint: 'http://127.0.0.1:1' })(), 'ec2-read')).toBe(99);
    expect(left(of({ ec2Endpoint: 'http://127.0.0.1:1' })(), 'ec2-read')).toBe(100);
  });

  it('are shared from the moment at which the account is learnt, with what was taken before', async () => {
    const { shared, of } = quotas();
    const [first, second] = [of(), of({ identity: 'key-2' })];
    await launch(first(), 30);
    await launch(second(), 20);
    shared.learnAccount('key-1', '123456789012');
    expect([left(first()), left(second())]).toEqual([70, 80]);
    shared.learnAccount('key-2', '123456789012');
    expect([left(first()), left(second())]).toEqual([50, 50]);
    shared.learnAccount('key-2', '123456789012');
    expect(left(first())).toBe(50);
    expect(shared.accountOf('key-2')).toBe('123456789012');
  });

  it('are those that AWS has raised for the account, once it is known', async () => {
    const { shared, of } = quotas('123456789012/eu:cluster-resource-modify=200/80');
    const row = of();
    await launch(row(), 30);
    expect(left(row())).toBe(70);
    shared.learnAccount('key-1', '123456789012');
    expect(left(row())).toBe(170);
    expect(row().get(MODIFY)?.quota).toMatchObject({ burst: 200, perSecond: 80 });
  });
});

describe('ecs_quotas', () => {
  const quota = ECS_QUOTAS.find(({ name }) => name === MODIFY)!;
  const at = (account: string | null, region: string, text: string): number =>
    overrideQuota(quota, parseQuotaOverrides(text), { account, region }).burst;

  it('takes the rate that names the account before the one that names the region, and that before one for all', () => {
    const own = '000000000001';
    const all = `${own}/eu:${MODIFY}=4/1, ${own}/*:${MODIFY}=3/1, */eu:${MODIFY}=2/1, ${MODIFY}=1/1`;
    expect(at(own, 'eu', all)).toBe(4);
    expect(at(own, 'us', all)).toBe(3);
    expect(at('000000000002', 'eu', all)).toBe(2);
    expect(at(null, 'us', all)).toBe(1);
    expect(at(null, 'us', 'ec2-read=1/1')).toBe(quota.burst);
    expect(at(null, 'us', `${MODIFY}=1/1,${MODIFY}=5/0.5`)).toBe(5);
  });

  it.each([
    ['runTask=10/5', 'names the quota runTask, which is not known'],
    ['ec2-read=10', 'is not a quota with its rate'],
    ['12/eu:ec2-read=10/5', 'is not a quota with its rate'],
    ['ec2-read=0/5', 'leaves no call at all'],
    ['ec2-read=10/0', 'leaves no call at all'],
  ])('refuses %s', (text, why) => {
    expect(() => parseQuotaOverrides(text)).toThrow(why);
  });

  it('is empty without entries', () => {
    expect(parseQuotaOverrides(' , ')).toEqual([]);
  });
});
