import { describe, expect, it } from 'vitest';
import type { EcsSnapshot, EcsStatus } from '../../../controlplane/containers/container.ts';
import { livenessView, nextEcsWitness } from '../../../controlplane/engine/container/witnesses.ts';
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

  it('that ended before its agent had reported tells to look at its image, and not at the output of a build', () => {
    const endOf = (attempt: object, exitCode = 3) => {
      const ecsWitness = ecsSays('STOPPED', exitCode);
      const row = { ecsWitness, agentSeenAt: null, readyAt: null, signalSecretHash: null, ...attempt };
      return livenessView({ ...OVER, recheckSeconds: null }, row, { output: null, exit: null });
    };
    expect(endOf({})).toMatchObject({
      cause: 'agent-never-reported',
      fault: 'configuration',
      sentence:
        'The container ended by itself with exit code 3, and its agent never reported. Look at the log of the container: its image, its entrypoint or its configuration is the likely fault, and no build has run in it.',
    });
    const enrolled = { agentSeenAt: new Date(AT) };
    expect(endOf(enrolled)).toMatchObject({ cause: 'container-exited' });
    expect(endOf(enrolled).sentence).toContain('before its agent was ready. Look at the log of the container');
    expect(endOf({ ...enrolled, readyAt: new Date(AT) }).sentence).toContain('Look at the last output of the build');
    // A container without an agent has none that could report.
    expect(endOf({ signalSecretHash: 'hash' })).toMatchObject({ cause: 'container-exited' });
    expect(endOf({}, 137).sentence).toContain('before its agent had reported');
    // What an exit code tells by itself stays.
    expect(endOf({}, 78)).toMatchObject({ cause: 'agent-configuration' });
    expect(endOf({}, 72)).toMatchObject({ cause: 'limit-time' });
  });

  it('that ECS saw end says what ECS knows', () => {
    expect(causeOf(ecsSays('STOPPED', 137))).toBe('killed');
    expect(causeOf(ecsSays('STOPPED', null))).toBe('exit-code-unknown');
    expect(causeOf({ look: { kind: 'missing', at: AT }, seenAt: AT, stoppedAt: null })).toBe('exit-code-unknown');
  });
});

describe('the exit code in what ECS shows', () => {
  const later = (snapshot: EcsSnapshot, at: string): EcsSnapshot => ({ ...snapshot, at });
  const exiting = ecsSays('DEPROVISIONING', 137).look;

  it('dates from the first snapshot that has it, which may precede STOPPED', () => {
    const running = nextEcsWitness(null, ecsSays('RUNNING', null).look);
    expect(running.exitedAt).toBeUndefined();
    const first = nextEcsWitness(running, later(exiting, '2026-11-28T12:00:10.000Z'));
    const stopped = nextEcsWitness(first, later(ecsSays('STOPPED', 137).look, '2026-11-28T12:00:40.000Z'));
    expect(first).toMatchObject({ exitedAt: '2026-11-28T12:00:10.000Z', stoppedAt: null });
    expect(stopped).toMatchObject({ exitedAt: '2026-11-28T12:00:10.000Z', stoppedAt: '2026-11-28T12:00:40.000Z' });
  });

  it('is not forgotten when ECS gives no answer afterwards', () => {
    const first = nextEcsWitness(null, exiting);
    const unknown = { kind: 'unknown', at: AT, error: 'throttled', sentence: 'slow down' } as const;
    expect(nextEcsWitness(first, unknown)).toBe(first);
  });

  it('stays when another answer is older, comes from a part of ECS that is behind, or knows the container no more', () => {
    const ended = nextEcsWitness(null, later(exiting, '2026-11-28T12:00:10.000Z'));
    const running = ecsSays('RUNNING', null).look;
    const older = nextEcsWitness(ended, later(running, '2026-11-28T12:00:09.000Z'));
    expect(older).toEqual({ ...ended, seenAt: '2026-11-28T12:00:09.000Z' });
    expect(causeOf(older)).toBe('killed');
    const behind = nextEcsWitness(ended, later(running, '2026-11-28T12:00:11.000Z'));
    expect(behind).toEqual({ ...ended, seenAt: '2026-11-28T12:00:11.000Z' });
    expect(causeOf(behind)).toBe('killed');
    expect(causeOf(nextEcsWitness(ended, { kind: 'missing', at: '2026-11-28T13:00:00.000Z' }))).toBe('killed');
  });
});
