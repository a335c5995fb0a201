import { describe, expect, it } from 'vitest';
import type { KnownStep } from '../../../controlplane/api/tasks/build/build-progress.ts';
import { stepOutcome, type BuildEndFacts } from '../../../controlplane/api/tasks/build/step-outcome.ts';

const AT = '2026-11-28T12:00:00Z';
function step(number: number, exitCode: number | null, endedAt: string | null = AT, event = 'build'): KnownStep {
  return {
    event,
    number,
    of: 2,
    name: `s${number}`,
    line: null,
    command: null,
    startedAt: AT,
    endedAt,
    exitCode,
    offset: null,
  };
}
const RUNNING: BuildEndFacts = { isEnded: false, exitStatus: 'NOT_FINISHED', cause: null, isRecorded: false };
const ended = (exitStatus: BuildEndFacts['exitStatus'], cause: string | null = null): BuildEndFacts => ({
  ...{ isEnded: true, exitStatus, cause },
  isRecorded: false,
});
const NEXT = step(2, null);

describe('a step of the build', () => {
  it('is what its exit code says, where that is known', () => {
    expect(stepOutcome(step(1, 0), NEXT, RUNNING)).toBe('done');
    expect(stepOutcome(step(2, 3), undefined, ended('ERROR_USER'))).toBe('failed');
  });

  it('is done when another one came after it, whatever ended the build', () => {
    expect(stepOutcome(step(1, null), NEXT, ended('ERROR_USER', 'limit-disk'))).toBe('done');
    expect(stepOutcome(step(1, null), NEXT, ended('TERMINATED'))).toBe('done');
  });

  it('failed when the steps for a failure came after it', () => {
    const after = step(1, null, AT, 'fail-on-build');
    expect(stepOutcome(step(2, null), after, ended('ERROR_USER', 'limit-disk'))).toBe('failed');
    expect(stepOutcome(step(1, null, AT, 'fail-on-build'), after, RUNNING)).toBe('done');
  });

  it('that is the last one runs while the build does', () => {
    expect(stepOutcome(step(2, null, null), undefined, RUNNING)).toBe('running');
    expect(stepOutcome(step(2, null), undefined, RUNNING)).toBe('done');
    expect(stepOutcome(step(2, null, null), undefined, { ...RUNNING, isRecorded: true })).toBe('running');
  });

  it('did not end when the build was ended under it, and is called neither done nor failed', () => {
    for (const cause of ['limit-disk', 'limit-time', 'no-progress', 'oom', 'given-up', null]) {
      expect(stepOutcome(step(2, null), undefined, ended('ERROR_USER', cause))).toBe('lost');
    }
    expect(stepOutcome(step(2, null), undefined, ended('TERMINATED'))).toBe('lost');
    expect(stepOutcome(step(2, null), undefined, ended('ERROR_SYSTEM'))).toBe('lost');
    expect(stepOutcome(step(2, null, null), undefined, ended('COMPLETED'))).toBe('lost');
    expect(stepOutcome(step(2, null), undefined, ended('COMPLETED'))).toBe('done');
  });

  it('did not end when the record of the tool knows no end of it', () => {
    expect(stepOutcome(step(2, null), undefined, { ...ended('ERROR_USER', 'build-failed'), isRecorded: true })).toBe(
      'lost',
    );
    expect(stepOutcome(step(2, null), undefined, { ...RUNNING, isRecorded: true })).toBe('lost');
  });

  it('of a tool without a record failed when the build ended by itself, and is done when only the push failed', () => {
    expect(stepOutcome(step(2, null), undefined, ended('ERROR_USER', 'build-failed'))).toBe('failed');
    expect(stepOutcome(step(2, null), undefined, ended('ERROR_USER', 'push-rejected'))).toBe('done');
    expect(stepOutcome(step(2, null), undefined, ended('ERROR_SYSTEM', 'push-failed'))).toBe('done');
  });
});
