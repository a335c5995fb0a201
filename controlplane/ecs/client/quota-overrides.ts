import { OperationalError } from '../../../shared/model/error.ts';
import { EC2_QUOTAS, ECS_QUOTAS, FARGATE_QUOTAS, type QuotaBucket } from './quotas.ts';

/** A rate that replaces the published one. Null stands for every account, or every region. */
export interface QuotaOverride {
  readonly account: string | null;
  readonly region: string | null;
  readonly name: string;
  readonly burst: number;
  readonly perSecond: number;
}

const NAMES: readonly string[] = [...ECS_QUOTAS, ...FARGATE_QUOTAS, ...EC2_QUOTAS].map(({ name }) => name);

const ENTRY = /^(?:(\d{12}|\*)\/([a-z0-9-]+|\*):)?([A-Za-z0-9-]+)=(\d{1,6}(?:\.\d{1,3})?)\/(\d{1,6}(?:\.\d{1,3})?)$/;

/**
 * Parses `[ACCOUNT/REGION:]QUOTA=BURST/PER_SECOND`, separated by commas; `*` stands for every account or region. Throws
 * CONFIG_INVALID.
 */
export function parseQuotaOverrides(text: string): readonly QuotaOverride[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(parseEntry);
}

function parseEntry(entry: string): QuotaOverride {
  const [, account, region, name = '', burst, perSecond] = ENTRY.exec(entry) ?? [];
  if (!NAMES.includes(name)) {
    const what = name === '' ? 'is not a quota with its rate' : `names the quota ${name}, which is not known`;
    throw refused(entry, what);
  }
  // A bucket that holds less than one call never gives one, and a rate of 0 never fills it.
  if (Number(burst) < 1 || Number(perSecond) <= 0) throw refused(entry, 'leaves no call at all');
  return {
    account: account === undefined || account === '*' ? null : account,
    region: region === undefined || region === '*' ? null : region,
    name,
    burst: Number(burst),
    perSecond: Number(perSecond),
  };
}

function refused(entry: string, what: string): OperationalError {
  return new OperationalError('CONFIG_INVALID', {
    happened: `"${entry}" in ecs_quotas ${what}`,
    remedy: `Write QUOTA=BURST/PER_SECOND or ACCOUNT/REGION:QUOTA=BURST/PER_SECOND, with one of ${NAMES.join(', ')}`,
  });
}

/**
 * Returns the quota as it holds for an account in a region. An override for this account counts more than one for this
 * region, and both more than one for all; of equal ones the last counts.
 */
export function overrideQuota(
  quota: QuotaBucket,
  overrides: readonly QuotaOverride[],
  owner: { readonly account: string | null; readonly region: string },
): QuotaBucket {
  const fitting = overrides.filter(
    ({ name, account, region }) =>
      name === quota.name &&
      (account === null || account === owner.account) &&
      (region === null || region === owner.region),
  );
  const weight = ({ account, region }: QuotaOverride): number => (account ? 2 : 0) + (region ? 1 : 0);
  const [best] = fitting.toReversed().sort((a, b) => weight(b) - weight(a));
  return best ? { ...quota, burst: best.burst, perSecond: best.perSecond } : quota;
}
