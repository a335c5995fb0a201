import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ECS_STATUSES, type EcsSnapshot, type EcsStatus } from '../../../controlplane/containers/container.ts';
import {
  decideLiveness,
  type Liveness,
  type SshFailure,
  type Witnesses,
} from '../../../controlplane/containers/liveness.ts';
import type { Verdict } from '../../../shared/model/verdict.ts';

const AT = '2026-01-01T00:00:00.000Z';

function seen(
  lastStatus: EcsStatus,
  desiredStatus: EcsStatus = lastStatus === 'STOPPED' ? 'STOPPED' : 'RUNNING',
): EcsSnapshot {
  const nothing = { stopCode: null, stoppedReason: null, containerReason: null, exitCode: null, address: null };
  const times = { containerInstanceArn: null, createdAt: null, startedAt: null, stoppedAt: null };
  return { kind: 'seen', at: AT, arn: 'a', lastStatus, desiredStatus, ...nothing, ...times };
}

function ended(lastStatus: EcsStatus, stopCode: string): EcsSnapshot {
  return { ...seen(lastStatus), desiredStatus: 'STOPPED', stopCode } as EcsSnapshot;
}

const MISSING: EcsSnapshot = { kind: 'missing', at: AT };
const UNKNOWN: EcsSnapshot = { kind: 'unknown', at: AT, error: 'throttled', sentence: 'slow down' };

interface Case {
  readonly agent?: Partial<Witnesses['agent']>;
  readonly ssh?: Partial<Witnesses['ssh']>;
  readonly ecs?: Partial<Witnesses['ecs']>;
  readonly launchedAge?: number;
}

/**
 * Returns the witnesses of a container that was launched 100 s ago. Nothing is known of it, except what the case says.
 */
function decide(given: Case): Liveness {
  return decideLiveness({
    agent: { readyAge: null, lastWordAge: null, lastWords: null, knowsWhy: true, heartbeatSeconds: 30, ...given.agent },
    ssh: { lastProofAge: null, failure: null, ...given.ssh },
    ecs: { snapshot: null, lastSeenAge: null, stoppedAge: null, exitedAge: null, ...given.ecs },
    launchedAge: given.launchedAge ?? 100,
  });
}

const speaking = { readyAge: 50, lastWordAge: 5 };
const silent = { readyAge: 500, lastWordAge: 200 };
const running = { snapshot: seen('RUNNING'), lastSeenAge: 1 };
const stopped = (stoppedAge: number) => ({ snapshot: seen('STOPPED'), lastSeenAge: 1, stoppedAge });

describe('what three witnesses say of a container', () => {
  it.each<[string, Case, Verdict]>([
    // Launching
    ['just launched, ECS not asked yet', { launchedAge: 1 }, 'no_information'],
    ['provisioning', { ecs: { snapshot: seen('PROVISIONING'), lastSeenAge: 1 } }, 'starting'],
    ['pending for an hour', { ecs: { snapshot: seen('PENDING'), lastSeenAge: 1 }, launchedAge: 3600 }, 'starting'],
    ['running, and the agent boots', { ecs: running }, 'starting'],
    ['running for 16 minutes and the agent was never heard', { ecs: running, launchedAge: 960 }, 'terminated'],
    ['MISSING right after RunTask', { ecs: { snapshot: MISSING }, launchedAge: 10 }, 'no_information'],
    ['MISSING 5 minutes after RunTask', { ecs: { snapshot: MISSING }, launchedAge: 301 }, 'terminated'],
    ['MISSING after it had been seen', { ecs: { snapshot: MISSING, lastSeenAge: 60 }, launchedAge: 100 }, 'terminated'],
    // Working
    ['ready by a signed signal', { agent: speaking, ecs: running }, 'ready'],
    ['ready, and ECS lags behind', { agent: speaking, ecs: { snapshot: seen('PENDING'), lastSeenAge: 1 } }, 'ready'],
    ['ready, and ECS does not know it yet', { agent: speaking, ecs: { snapshot: MISSING }, launchedAge: 10 }, 'ready'],
    ['ready, and ECS is throttled', { agent: speaking, ecs: { snapshot: UNKNOWN } }, 'ready'],
    ['proven over SSH', { agent: speaking, ssh: { lastProofAge: 3 }, ecs: running }, 'running'],
    [
      'proven over SSH before, SSH fails once, the agent speaks',
      { agent: speaking, ssh: { lastProofAge: 60, failure: 'timeout' }, ecs: running },
      'running',
    ],
    ['silent agent, SSH answers', { agent: silent, ssh: { lastProofAge: 2 }, ecs: running }, 'running'],
    ['silent agent, SSH not asked', { agent: silent, ecs: running }, 'running'],
    // Unreachable
    [
      'silent agent, SSH fails, ECS says RUNNING',
      { agent: silent, ssh: { lastProofAge: 210, failure: 'refused' }, ecs: running },
      'unreachable',
    ],
    [
      'the same for 16 minutes',
      {
        agent: { readyAge: 1200, lastWordAge: 960 },
        ssh: { lastProofAge: 970, failure: 'refused' },
        ecs: running,
        launchedAge: 1300,
      },
      'terminated',
    ],
    [
      'silent agent, SSH fails, ECS throttled',
      {
        agent: silent,
        ssh: { lastProofAge: 210, failure: 'timeout' },
        ecs: { snapshot: UNKNOWN, lastSeenAge: 300 },
        launchedAge: 600,
      },
      'no_information',
    ],
    [
      'nobody heard for 16 minutes',
      {
        agent: { readyAge: 1200, lastWordAge: 960 },
        ssh: { failure: 'timeout' },
        ecs: { snapshot: UNKNOWN, lastSeenAge: 1000 },
        launchedAge: 1300,
      },
      'terminated',
    ],
    // Ended
    ['an output signal, ECS not asked', { agent: { ...speaking, lastWords: 'output' } }, 'terminated'],
    [
      'an exit signal, and ECS lags behind with RUNNING',
      { agent: { ...speaking, lastWords: 'exit' }, ecs: running },
      'terminated',
    ],
    [
      'STOPPED a moment ago, without last words',
      { agent: { readyAge: 90, lastWordAge: 20 }, ecs: stopped(15) },
      'last_words',
    ],
    [
      'STOPPED, and its last words came',
      { agent: { readyAge: 90, lastWordAge: 3, lastWords: 'exit' }, ecs: stopped(15) },
      'terminated',
    ],
    [
      'STOPPED for half a minute, without last words',
      { agent: { readyAge: 90, lastWordAge: 40 }, ecs: stopped(31) },
      'terminated',
    ],
    [
      'an exit code a moment ago, without last words',
      { agent: { readyAge: 90, lastWordAge: 20 }, ecs: { ...stopped(4), exitedAge: 4 } },
      'last_words',
    ],
    [
      'an exit code for seconds: nobody is left who could send last words',
      { agent: { readyAge: 90, lastWordAge: 20 }, ecs: { ...stopped(6), exitedAge: 6 } },
      'terminated',
    ],
    [
      'an exit code, while ECS still takes down the network of its task',
      {
        agent: { readyAge: 90, lastWordAge: 20 },
        ecs: { snapshot: seen('DEPROVISIONING', 'STOPPED'), lastSeenAge: 1, exitedAge: 6 },
      },
      'terminated',
    ],
    [
      'an exit code though signals still arrive',
      { agent: speaking, ecs: { ...stopped(60), exitedAge: 60 } },
      'contradiction',
    ],
    ['STOPPED before it ever spoke', { ecs: stopped(31) }, 'terminated'],
    ['a bare STOPPED a moment ago, and it never spoke', { ecs: stopped(1) }, 'last_words'],
    ['the same for seconds: an agent without a key has sent nothing', { ecs: stopped(6) }, 'terminated'],
    [
      'a start that ECS has given up: nobody can speak',
      { ecs: { ...stopped(0), snapshot: ended('STOPPED', 'TaskFailedToStart') } },
      'terminated',
    ],
    [
      'the same while ECS still takes down the network of its task',
      { ecs: { snapshot: ended('DEPROVISIONING', 'TaskFailedToStart'), lastSeenAge: 1 } },
      'terminated',
    ],
    [
      'a stop that was ordered while it starts: it may run for a moment yet',
      { ecs: { snapshot: ended('PENDING', 'UserInitiated'), lastSeenAge: 1 } },
      'starting',
    ],
    [
      'a SIGTERM, and ECS has not said who sent it',
      { agent: { ...speaking, lastWords: 'output', knowsWhy: false }, ecs: running },
      'last_words',
    ],
    [
      'a SIGTERM, and ECS was never asked',
      { agent: { ...speaking, lastWords: 'output', knowsWhy: false } },
      'last_words',
    ],
    [
      'a SIGTERM, and ECS does not answer',
      { agent: { ...speaking, lastWords: 'exit', knowsWhy: false }, ecs: { snapshot: UNKNOWN, lastSeenAge: 60 } },
      'last_words',
    ],
    [
      'a SIGTERM, and ECS has said who ordered the stop',
      {
        agent: { ...speaking, lastWords: 'output', knowsWhy: false },
        ecs: { snapshot: ended('DEACTIVATING', 'SpotInterruption'), lastSeenAge: 1 },
      },
      'terminated',
    ],
    [
      'a SIGTERM, and ECS has forgotten the task',
      { agent: { ...speaking, lastWords: 'exit', knowsWhy: false }, ecs: { snapshot: MISSING, lastSeenAge: 60 } },
      'terminated',
    ],
    ['STOPPED though signals still arrive', { agent: speaking, ecs: stopped(60) }, 'contradiction'],
    [
      'STOPPED, and a signal was delivered a moment later',
      { agent: { readyAge: 90, lastWordAge: 25 }, ecs: stopped(31) },
      'terminated',
    ],
    [
      'on its way to the stop, agent silent',
      { agent: silent, ecs: { snapshot: seen('DEPROVISIONING', 'STOPPED'), lastSeenAge: 1 } },
      'last_words',
    ],
    [
      'on its way to the stop, agent speaks',
      { agent: speaking, ssh: { lastProofAge: 3 }, ecs: { snapshot: seen('DEACTIVATING', 'STOPPED'), lastSeenAge: 1 } },
      'running',
    ],
  ])('%s', (_name, given, verdict) => {
    expect(decide(given).verdict).toBe(verdict);
  });

  it('stops what ECS still holds a minute after the last words, and not sooner', () => {
    const said = (lastWordAge: number): Case => ({
      agent: { readyAge: 600, lastWordAge, lastWords: 'exit' },
      ecs: running,
    });
    expect(decide(said(30)).stopTask).toBe(false);
    expect(decide(said(61)).stopTask).toBe(true);
    const stopping = { ...said(61), ecs: { snapshot: seen('RUNNING', 'STOPPED'), lastSeenAge: 1 } };
    expect(decide(stopping).stopTask).toBe(false);
  });

  it('stops a container that it gives up', () => {
    const lost = decide({
      agent: { readyAge: 1200, lastWordAge: 960 },
      ssh: { failure: 'refused' },
      ecs: running,
      launchedAge: 1300,
    });
    expect(lost).toMatchObject({ verdict: 'terminated', stopTask: true });
  });

  it('says what it rests on', () => {
    expect(decide({ agent: silent, ssh: { failure: 'refused' }, ecs: running }).evidence).toEqual([
      'the agent is silent for 200 s',
      'ECS says RUNNING',
      'SSH failed: refused',
    ]);
  });

  const age = fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: null });
  const snapshot = fc.oneof(
    fc.constant(null),
    fc.constant(MISSING),
    fc.constant(UNKNOWN),
    fc.constantFrom(...ECS_STATUSES).map((status) => seen(status)),
  );
  const failure = fc.option(
    fc.constantFrom<SshFailure>('refused', 'timeout', 'key-exchange', 'auth', 'host-key', 'channel'),
    { nil: null },
  );
  const witnesses = fc.record({
    agent: fc.record({
      readyAge: age,
      lastWordAge: age,
      lastWords: fc.constantFrom(null, 'output' as const, 'exit' as const),
      knowsWhy: fc.boolean(),
      heartbeatSeconds: fc.integer({ min: 15, max: 120 }),
    }),
    ssh: fc.record({ lastProofAge: age, failure }),
    ecs: fc.record({ snapshot, lastSeenAge: age, stoppedAge: age, exitedAge: age }),
    launchedAge: fc.integer({ min: 0, max: 100_000 }),
  });

  it('takes last words that say why for the end, whatever else is said', () => {
    fc.assert(
      fc.property(witnesses, (given) => {
        fc.pre(given.agent.lastWords !== null && given.agent.knowsWhy);
        expect(decideLiveness(given).verdict).toBe('terminated');
      }),
    );
  });

  it('takes a bare SIGTERM for the end two minutes later at the latest, whatever ECS says', () => {
    fc.assert(
      fc.property(witnesses, fc.integer({ min: 120, max: 10_000 }), (given, lastWordAge) => {
        const agent = { ...given.agent, lastWords: 'exit' as const, knowsWhy: false, lastWordAge };
        expect(decideLiveness({ ...given, agent }).verdict).toBe('terminated');
      }),
    );
  });

  it('asks who sent a SIGTERM again and again, and stops nothing that would hide the answer', () => {
    const sigterm = (lastWordAge: number): Liveness =>
      decide({ agent: { readyAge: 600, lastWordAge, lastWords: 'exit', knowsWhy: false }, ecs: running });
    expect(sigterm(1)).toMatchObject({ verdict: 'last_words', stopTask: false, recheckSeconds: 2 });
    expect(sigterm(119)).toMatchObject({ verdict: 'last_words', stopTask: false, recheckSeconds: 1 });
    expect(sigterm(121)).toMatchObject({ verdict: 'terminated', stopTask: true, recheckSeconds: null });
  });

  it('never ends a container whose agent speaks, without last words and while ECS does not say that it ended', () => {
    fc.assert(
      fc.property(witnesses, (given) => {
        const agent = { ...given.agent, lastWords: null, lastWordAge: 1 };
        const ecs = { ...given.ecs, snapshot: seen('RUNNING'), exitedAge: null };
        expect(decideLiveness({ ...given, agent, ecs }).verdict).not.toBe('terminated');
      }),
    );
  });

  it('always comes to an end or says when to ask again, unless somebody speaks or starts', () => {
    fc.assert(
      fc.property(witnesses, (given) => {
        const { verdict, recheckSeconds } = decideLiveness(given);
        if (['last_words', 'no_information', 'unreachable', 'contradiction'].includes(verdict)) {
          expect(recheckSeconds).toBeGreaterThan(0);
        }
      }),
    );
  });
});
