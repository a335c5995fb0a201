import { describe, expect, it } from 'vitest';
import type { BuildStepView, FailedStepView } from '../../../controlplane/api/tasks/build-views.ts';
import { stepOutcome } from '../../../controlplane/dashboard/task/step-outcome.ts';

const AT = '2026-11-28T12:00:00Z';
function step(number: number, exitCode: number | null, endedAt: string | null = AT): BuildStepView {
  return {
    event: 'build',
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
const failedStep = { event: 'build', number: 2 } as FailedStepView;
const RUNNING = { status: 'WAITING', exitStatus: 'NOT_FINISHED', failedStep: null } as const;
const ended = (exitStatus: 'COMPLETED' | 'ERROR_USER' | 'ERROR_SYSTEM' | 'TERMINATED') =>
  ({ status: 'COMPLETE', exitStatus, failedStep: null }) as const;

describe('a step of the build', () => {
  it('is what its exit code says, where that is known', () => {
    expect(stepOutcome(step(1, 0), false, RUNNING)).toBe('done');
    expect(stepOutcome(step(2, 3), true, ended('ERROR_USER'))).toBe('failed');
  });

  it('is done when another one came after it, whatever ended the build', () => {
    const limited = { ...ended('ERROR_USER'), failedStep };
    expect(stepOutcome(step(1, null), false, limited)).toBe('done');
    expect(stepOutcome(step(2, null), true, limited)).toBe('failed');
  });

  it('that is the last one runs while the build does', () => {
    expect(stepOutcome(step(2, null, null), true, RUNNING)).toBe('now');
    expect(stepOutcome(step(2, null), true, RUNNING)).toBe('done');
  });

  it('did not end when the build was ended under it, and is not called done', () => {
    expect(stepOutcome(step(2, null), true, ended('TERMINATED'))).toBe('lost');
    expect(stepOutcome(step(2, null), true, ended('ERROR_SYSTEM'))).toBe('lost');
    expect(stepOutcome(step(2, null, null), true, ended('COMPLETED'))).toBe('lost');
    expect(stepOutcome(step(2, null), true, ended('COMPLETED'))).toBe('done');
  });
});
