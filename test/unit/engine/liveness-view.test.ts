import { describe, expect, it } from 'vitest';
import type { EcsSnapshot, EcsStatus } from '../../../controlplane/containers/container.ts';
import { livenessView } from '../../../controlplane/engine/container/witnesses.ts';
import type { EcsWitness } from '../../../controlplane/store/schema/container-tables.ts';

const AT = '2026-11-28T12:00:00.000Z';
const OVER = { verdict: 'terminated', evidence: ['the agent is silent for 901 s'], stopTask: true } as const;

function ecsSays(lastStatus: EcsStatus, exitCode: number | null): EcsWitness {
  const nothing = { stopCode: null, stoppedReason: null, containerReason: null, address: null };
  const times = { containerInstanceArn: null, createdAt: null, startedAt: null, stoppedAt: null };
  const desiredStatus = lastStatus === 'STOPPED' ? 'STOPPED' : 'RUNNING';
  const look: EcsSnapshot = {
    kind: 'seen',
    at: AT,
    arn: 'a',
    lastStatus,
    desiredStatus,
    exitCode,
    ...nothing,
    ...times,
  };
  return { look, seenAt: AT, stoppedAt: lastStatus === 'STOPPED' ? AT : null };
}

function causeOf(ecsWitness: EcsWitness | null): string | null {
  return livenessView({ ...OVER, recheckSeconds: null }, { ecsWitness }, { output: null, exit: null }).cause;
}

describe('the view of a container that is over', () => {
  it('that ECS still runs says that it was given up, and not that its exit code is unknown', () => {
    expect(causeOf(ecsSays('RUNNING', null))).toBe('given-up');
    expect(causeOf(null)).toBe('given-up');
  });

  it('that ECS saw end says what ECS knows', () => {
    expect(causeOf(ecsSays('STOPPED', 137))).toBe('killed');
    expect(causeOf(ecsSays('STOPPED', null))).toBe('exit-code-unknown');
    expect(causeOf({ look: { kind: 'missing', at: AT }, seenAt: AT, stoppedAt: null })).toBe('exit-code-unknown');
  });
});
