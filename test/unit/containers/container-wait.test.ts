import { describe, expect, it } from 'vitest';
import { describeContainerWait, detailContainerWait } from '../../../controlplane/containers/container-wait.ts';
import { ECS_STATUSES, type EcsSnapshot, type EcsSeen } from '../../../controlplane/containers/container.ts';
import type { Verdict } from '../../../shared/model/verdict.ts';

const AT = '2026-11-28T12:00:00Z';

function seen(lastStatus: EcsSeen['lastStatus'], rest: Partial<EcsSeen> = {}): EcsSnapshot {
  return {
    kind: 'seen',
    at: AT,
    arn: 'a',
    lastStatus,
    desiredStatus: 'RUNNING',
    stopCode: null,
    stoppedReason: null,
    containerReason: null,
    exitCode: null,
    address: null,
    containerInstanceArn: null,
    createdAt: null,
    startedAt: null,
    stoppedAt: null,
    ...rest,
  };
}

function wait(verdict: Verdict, look: EcsSnapshot | null = null): string | null {
  const evidence = ['the agent is silent for 95 s', 'SSH failed: refused'];
  return describeContainerWait({ verdict, evidence, stopTask: false, recheckSeconds: 10 }, look);
}

describe('why a task waits for its container', () => {
  it.each<[string, EcsSnapshot | null]>([
    ['its container is being launched', null],
    ['its container was launched, and ECS does not show it yet', { kind: 'missing', at: AT }],
    [
      'ECS does not answer about its container: throttled',
      { kind: 'unknown', at: AT, error: 'throttled', sentence: 'throttled' },
    ],
    ['ECS is providing the resources of its container (PROVISIONING)', seen('PROVISIONING')],
    ['ECS is starting its container (PENDING)', seen('PENDING')],
    ['its image is being pulled (PENDING)', seen('PENDING', { pullStartedAt: AT, pullStoppedAt: null })],
    ['ECS is starting its container (PENDING)', seen('PENDING', { pullStartedAt: AT, pullStoppedAt: AT })],
    ['its container runs, and its agent has not reported that it is ready (RUNNING)', seen('RUNNING')],
  ])('starting: %s', (clause, look) => {
    expect(wait('starting', look)).toBe(clause);
  });

  it('tells the witnesses when the container cannot be reached, or nothing is known', () => {
    expect(wait('unreachable')).toBe(
      'its container does not answer (the agent is silent for 95 s; SSH failed: refused)',
    );
    expect(wait('no_information')).toMatch(/^nothing can be learned about its container \(the agent is silent/);
  });

  it('is silent about a container that can be used, or is over', () => {
    for (const verdict of ['ready', 'running', 'terminated'] as const) {
      for (const status of ECS_STATUSES) expect(wait(verdict, seen(status))).toBeNull();
    }
  });
});

describe('what is known of such a wait', () => {
  const detail = (look: EcsSnapshot | null) =>
    detailContainerWait({ verdict: 'starting', evidence: [], stopTask: false, recheckSeconds: null }, look);

  it.each<[string, string | undefined, EcsSnapshot | null]>([
    ['container-launching', undefined, null],
    ['container-launching', undefined, { kind: 'missing', at: AT }],
    ['container-unknown', undefined, { kind: 'unknown', at: AT, error: 'throttled', sentence: 'throttled' }],
    ['container-provisioning', AT, seen('PROVISIONING', { createdAt: AT })],
    ['container-provisioning', undefined, seen('PROVISIONING')],
    ['container-pending', AT, seen('PENDING', { createdAt: AT })],
    ['image-pull', AT, seen('PENDING', { pullStartedAt: AT, createdAt: '2026-11-28T11:00:00Z' })],
    ['container-pending', AT, seen('PENDING', { pullStartedAt: '2026-11-28T11:00:00Z', pullStoppedAt: AT })],
    ['agent-starting', AT, seen('RUNNING', { startedAt: AT })],
  ])('%s since %s', (code, since, look) => {
    expect(detail(look)).toEqual({ code, evidence: [], ...(since === undefined ? {} : { since }) });
  });

  it('of a silent container is what its witnesses say', () => {
    const evidence = ['the agent is silent for 95 s', 'SSH failed: refused'];
    const liveness = { verdict: 'unreachable', evidence, stopTask: false, recheckSeconds: 10 } as const;
    expect(detailContainerWait(liveness, seen('RUNNING'))).toEqual({ code: 'container-unreachable', evidence });
  });
});
