import { describe, expect, it } from 'vitest';
import { buildFacts } from '../../../controlplane/api/tasks/build/build-facts.ts';
import { EXIT_STATUS } from '../../../shared/model/status.ts';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 28, 12, 0, seconds));
const iso = (seconds: number): string => at(seconds).toISOString();
const HEADERS = [
  { event: 'build', number: 1, of: 2, name: 'fetch', offset: 1, at: iso(1) },
  { event: 'build', number: 2, of: 2, name: 'fill', offset: 90, at: iso(2) },
];
const task = (exit: keyof typeof EXIT_STATUS, cause: string, memory = {}) => ({
  ...{ memory, completedAt: at(5), cause },
  exitStatus: EXIT_STATUS[exit],
});
/** ECS says of a container that it has stopped seconds after its task has ended. */
const LATE = { resolvedAt: at(10), buildSteps: HEADERS };

describe('a step that was cut off', () => {
  it('does not last longer than its task, and did not end', () => {
    const { steps, failedStep } = buildFacts(task('ERROR_USER', 'limit-disk'), LATE);
    expect(steps.map(({ name, endedAt, outcome }) => [name, endedAt, outcome])).toEqual([
      ['fetch', iso(2), 'done'],
      ['fill', iso(5), 'lost'],
    ]);
    expect(failedStep).toMatchObject({ number: 2, name: 'fill', exitCode: null });
  });

  it('of a task that was terminated is no step at which anything failed', () => {
    const { steps, failedStep } = buildFacts(task('TERMINATED', 'terminated'), LATE);
    expect(steps.at(-1)).toMatchObject({ endedAt: iso(5), outcome: 'lost' });
    expect(failedStep).toBeNull();
  });

  it('ends with its container when that stopped before the task ended', () => {
    const { steps } = buildFacts(task('ERROR_SYSTEM', 'host-lost'), { ...LATE, resolvedAt: at(3) });
    expect(steps.at(-1)).toMatchObject({ endedAt: iso(3), outcome: 'lost' });
  });

  it('is the one of the record that has no end, where there is a record', () => {
    const noted = { event: 'build', line: 4, command: null, sentence: null, exitCode: null, offset: 1 };
    const memory = { steps: [{ ...noted, name: 'hang', startedAt: iso(1), endedAt: null }] };
    const { steps } = buildFacts(task('ERROR_USER', 'no-progress', memory), LATE);
    expect(steps).toMatchObject([{ name: 'hang', endedAt: iso(5), outcome: 'lost' }]);
  });
});

it('a build whose push failed has no step at which it failed', () => {
  expect(buildFacts(task('ERROR_USER', 'push-rejected'), LATE).failedStep).toBeNull();
});
