import { describe, expect, it } from 'vitest';
import type { EcsSnapshot } from '../../../controlplane/containers/container.ts';
import { findLegacyFaults } from '../../../controlplane/containers/rules/legacy-rules.ts';
import { decideLiveness, type Witnesses } from '../../../controlplane/containers/liveness.ts';
import { decideReadiness } from '../../../controlplane/tasks/container/decide-readiness.ts';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import { legacyRecheckSeconds } from '../../../controlplane/engine/container/legacy-recheck.ts';

const NOTHING = { stopCode: null, stoppedReason: null, containerReason: null, exitCode: null, address: null };
const TIMES = { containerInstanceArn: null, createdAt: null, startedAt: '2026-01-01T00:00:00.000Z', stoppedAt: null };

function seen(lastStatus: 'RUNNING' | 'STOPPED'): EcsSnapshot {
  const at = '2026-01-01T00:00:00.000Z';
  return { kind: 'seen', at, arn: 'a', lastStatus, desiredStatus: lastStatus, ...NOTHING, ...TIMES };
}

function verdictOf(wordAge: number, proofAge: number | null, ecs: Partial<Witnesses['ecs']> = {}, isHint = true) {
  const { verdict, stopTask } = decideLiveness({
    agent: {
      readyAge: 300,
      lastWordAge: wordAge,
      lastWords: 'exit',
      knowsWhy: true,
      isHint,
      heartbeatSeconds: 30,
    },
    ssh: { lastProofAge: proofAge, failure: null },
    ecs: { snapshot: seen('RUNNING'), lastSeenAge: 1, stoppedAge: null, exitedAge: null, ...ecs },
    launchedAge: 400,
  });
  return stopTask ? `${verdict}, stop` : verdict;
}

describe('an exit signal that nobody signed', () => {
  it('ends no container that ECS shows as running and that answers over SSH afterwards', () => {
    expect(verdictOf(5, 2)).toBe('last_words');
    expect(verdictOf(61, 2)).toBe('running');
    expect(verdictOf(5, 2, {}, false)).toBe('terminated');
  });

  it('is believed after a minute without an answer over SSH since, and the container is stopped', () => {
    expect(verdictOf(61, 90)).toBe('terminated, stop');
    expect(verdictOf(61, null)).toBe('terminated, stop');
  });

  it('needs no more patience once ECS has the exit code', () => {
    expect(verdictOf(2, 90, { snapshot: seen('STOPPED'), stoppedAge: 0, exitedAge: 0 })).toBe('terminated');
  });
});

describe('a ready signal', () => {
  const ready = { classId: CLASS_ID.ready, pid: 1, startTime: 1 };
  const unknown: EcsSnapshot = {
    kind: 'unknown',
    at: '2026-01-01T00:00:00.000Z',
    error: 'throttled',
    sentence: 'slow',
  };

  it('is enough when it is signed, whatever ECS says', () => {
    expect(decideReadiness({ ready, isLegacy: false }, null)).toBe('ready');
    expect(decideReadiness({ ready }, null)).toBe('ready');
  });

  it('that nobody signed is a hint until ECS says RUNNING', () => {
    expect(decideReadiness({ ready, isLegacy: true }, seen('RUNNING'))).toBe('ready');
    for (const snapshot of [seen('STOPPED'), unknown, null]) {
      expect(decideReadiness({ ready, isLegacy: true }, snapshot)).toBe('hint');
    }
    expect(decideReadiness({ ready: null, isLegacy: true }, seen('RUNNING'))).toBe('unheard');
    expect(decideReadiness(null, null)).toBe('unheard');
  });
});

describe('how often a container without an agent is asked', () => {
  const launchedAt = new Date('2026-01-01T00:00:00Z');
  const after = (seconds: number, liveness = { verdict: 'running' as const, recheckSeconds: null as number | null }) =>
    legacyRecheckSeconds(
      liveness,
      { launchedAt, createdAt: launchedAt },
      new Date(launchedAt.getTime() + seconds * 1000),
    );

  it('is each second at first, and every ten seconds after minutes', () => {
    expect([after(1), after(30), after(150), after(3_600)]).toEqual([1, 1, 5, 10]);
  });

  it('is sooner when the witnesses want to be asked sooner', () => {
    expect(after(3_600, { verdict: 'running', recheckSeconds: 2 })).toBe(2);
  });
});

describe('a definition of a container without an agent', () => {
  const build = { name: 'build', image: 'i', portMappings: [{ containerPort: 22, hostPort: 0 }] };
  const faults = (changes: object, whole: object = {}) =>
    findLegacyFaults({ containerDefinitions: [{ ...build, ...changes }], ...whole }).map(({ path }) => path.join('.'));

  it('can be reached at port 22 as root, and has a /tmp', () => {
    expect(faults({})).toEqual([]);
    expect(faults({ portMappings: [] }, { networkMode: 'awsvpc' })).toEqual([]);
    expect(faults({ user: 'root' })).toEqual([]);
    expect(faults({ user: '0:0' })).toEqual([]);
    const linuxParameters = { tmpfs: [{ containerPath: '/tmp', size: 64 }] };
    expect(faults({ readonlyRootFilesystem: true, linuxParameters })).toEqual([]);
  });

  it('is refused where it would never be reached', () => {
    expect(faults({ portMappings: [{ containerPort: 8007 }] })).toEqual(['containerDefinitions.0.portMappings']);
    expect(faults({}, { networkMode: 'none' })).toEqual(['networkMode']);
    expect(faults({}, { networkMode: 'host' })).toEqual(['networkMode']);
    expect(faults({ user: 'node' })).toEqual(['containerDefinitions.0.user']);
    expect(faults({ readonlyRootFilesystem: true })).toEqual(['containerDefinitions.0.readonlyRootFilesystem']);
  });
});
