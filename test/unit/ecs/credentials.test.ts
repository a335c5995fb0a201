import { describe, expect, it } from 'vitest';
import { classifyEcsError } from '../../../controlplane/ecs/client/classify-ecs-error.ts';
import {
  AssumeRoleError,
  createRoleCredentials,
  roleSessionName,
  type RoleSession,
  stsFailure,
} from '../../../controlplane/ecs/client/credentials.ts';
import { VirtualClock } from '../../testkit/world/virtual-clock.ts';

const START = new Date('2026-01-01T00:00:00Z');
const MINUTE_MS = 60_000;

/** A role whose sessions last an hour. STS answers while `isUp`. */
function role() {
  const clock = new VirtualClock(START);
  const sts = { isUp: true, calls: 0 };
  const assume = async (): Promise<RoleSession> => {
    sts.calls += 1;
    const number = String(sts.calls);
    await Promise.resolve();
    if (!sts.isUp) throw new Error('STS is away');
    const expiration = new Date(clock.nowMs + 60 * MINUTE_MS);
    return { accessKeyId: number, secretAccessKey: number, sessionToken: number, expiration };
  };
  const credentials = createRoleCredentials({ assume, clock });
  const keyAt = async (minutes: number): Promise<string> => {
    clock.advanceTo(START.getTime() + minutes * MINUTE_MS);
    return (await credentials()).accessKeyId;
  };
  return { sts, credentials, keyAt };
}

describe('the credentials of a role', () => {
  it('are asked for once by callers at the same time', async () => {
    const { sts, credentials } = role();
    const sessions = await Promise.all([credentials(), credentials(), credentials()]);
    expect([sts.calls, new Set(sessions).size]).toEqual([1, 1]);
  });

  it('are renewed five minutes before they expire, and not before', async () => {
    const { sts, keyAt } = role();
    expect([await keyAt(0), await keyAt(54), await keyAt(55), await keyAt(100)]).toEqual(['1', '1', '2', '2']);
    expect(sts.calls).toBe(2);
  });

  it('are used on while STS does not answer, which is asked twice a minute, and no longer than they are good', async () => {
    const { sts, keyAt } = role();
    await keyAt(0);
    sts.isUp = false;
    expect([await keyAt(56), await keyAt(56.1), await keyAt(56.6)]).toEqual(['1', '1', '1']);
    expect(sts.calls).toBe(3);
    await expect(keyAt(60)).rejects.toThrow('STS is away');
    sts.isUp = true;
    expect(await keyAt(61)).toBe('5');
  });
});

describe('a role that cannot be assumed', () => {
  const cluster = { name: 'gpu', region: 'r', cluster: 'c', launch: { type: 'ec2' }, externalId: 'wip' } as const;
  const failed = (name: string, status = 400, message = name) =>
    new AssumeRoleError(
      'arn:aws:iam::1:role/x',
      cluster,
      Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } }),
    );

  it.each([
    ['AccessDenied', 'access-denied'],
    ['ValidationError', 'access-denied'],
    ['MalformedPolicyDocument', 'unavailable'],
    ['RegionDisabledException', 'unavailable'],
    ['Throttling', 'throttled'],
    ['ExpiredToken', 'credentials-expired'],
  ])('is never the fault of a build: %s is %s', (name, kind) => {
    expect(classifyEcsError(failed(name))).toBe(kind);
  });

  it('is told with the role, the credentials and what must be corrected', () => {
    expect(failed('AccessDenied', 403, 'not authorized to perform: sts:AssumeRole').message).toBe(
      'the role arn:aws:iam::1:role/x of the cluster "gpu" cannot be assumed with the credentials of the node and the external id wip (AccessDenied: not authorized to perform: sts:AssumeRole); its trust policy must allow it',
    );
  });
});

describe('a call to STS that failed', () => {
  const error = (fields: object): Error => Object.assign(new Error('it'), fields);
  it.each<[string, Error, ReturnType<typeof stsFailure>]>([
    ['connection refused', error({ code: 'ECONNREFUSED' }), 'unanswered'],
    ['a name that is not there', error({ code: 'ENOTFOUND' }), 'unanswered'],
    ['a time-out', error({ name: 'TimeoutError' }), 'unanswered'],
    ['an internal error', error({ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } }), 'unanswered'],
    ['throttling', error({ name: 'Throttling', $metadata: { httpStatusCode: 400 } }), 'unanswered'],
    ['no credentials', error({ name: 'CredentialsProviderError' }), 'no-credentials'],
    ['a wrong key', error({ name: 'InvalidClientTokenId', $metadata: { httpStatusCode: 403 } }), 'refused'],
    ['a region', error({ name: 'RegionDisabledException', $metadata: { httpStatusCode: 403 } }), 'refused'],
  ])('is told apart from a refusal: %s', (_what, thrown, failure) => {
    expect(stsFailure(thrown)).toBe(failure);
  });

  it('names no trust policy when nobody has looked at it', () => {
    const cluster = { name: 'gpu', region: 'r', cluster: 'c', launch: { type: 'ec2' } } as const;
    expect(new AssumeRoleError('arn:aws:iam::1:role/x', cluster, error({ code: 'ECONNREFUSED' })).message).toBe(
      'the role arn:aws:iam::1:role/x of the cluster "gpu" could not be assumed with the credentials of the node, because STS gave no answer that tells (ECONNREFUSED: it)',
    );
  });
});

describe('the name of a session', () => {
  it('names installation and node in the characters and the length that AWS takes', () => {
    const name = roleSessionName('0f5c1a2b-0000-0000-0000-000000000000', `builder 1:${'x'.repeat(99)}`);
    expect(name).toMatch(/^wip-0f5c1a2b-builder-1-x+$/);
    expect(name).toHaveLength(64);
  });
});
