import { describe, expect, it } from 'vitest';
import { nextWaitReason, type WaitDetail, type WaitReason } from '../../../controlplane/containers/wait-reason.ts';

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 28, 12, 0, second));

function told(before: WaitReason | null, second: number, clause: string, detail: WaitDetail | null): WaitReason {
  return nextWaitReason(before, { clause, detail }, at(second));
}

describe('the reason of a wait', () => {
  const full = { code: 'no-capacity', remedy: 'Wait', evidence: ['RESOURCE:MEMORY'], isForRoom: true };

  it('keeps its beginning and counts while it repeats the one before', () => {
    const first = told(null, 0, 'the cluster has no room (RESOURCE:MEMORY)', full);
    const second = told(first, 5, 'the cluster has no room (RESOURCE:CPU)', full);
    expect(second).toEqual({
      code: 'no-capacity',
      clause: 'the cluster has no room (RESOURCE:CPU)',
      since: at(0).toISOString(),
      last: at(5).toISOString(),
      count: 2,
      remedy: 'Wait',
      evidence: ['RESOURCE:MEMORY'],
      until: null,
      isForRoom: true,
    });
  });

  it('begins anew with another code', () => {
    const denied = told(told(null, 0, 'full', full), 5, 'denied', { code: 'access-denied' });
    expect(denied).toMatchObject({
      since: at(5).toISOString(),
      count: 1,
      remedy: null,
      evidence: [],
      isForRoom: false,
    });
  });

  it('begins when its details say so', () => {
    expect(told(null, 9, 'pulling', { code: 'image-pull', since: at(2).toISOString() })).toMatchObject({
      since: at(2).toISOString(),
    });
  });

  it('of which a task told the sentence alone is known by its sentence', () => {
    const first = told(null, 0, 'the scanner has not reported', null);
    expect(told(first, 5, 'the scanner has not reported', null)).toMatchObject({
      since: at(0).toISOString(),
      count: 2,
    });
    expect(told(first, 5, 'the report is being read', null)).toMatchObject({ since: at(5).toISOString(), count: 1 });
  });
});
