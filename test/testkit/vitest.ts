/** Matchers for vitest: `import 'wip-ecs/testkit/vitest'` in a test file, or in a setup file for all of them. */
import { expect } from 'vitest';
import type { ExitStatus } from '../../shared/model/status.ts';
import {
  findElapsed,
  findEnd,
  findReleased,
  findStarted,
  findVisited,
  withExplanation,
  type Finding,
} from './assertions.ts';
import type { Duration } from './duration.ts';
import type { RunContainer, SimulatedRun } from './simulated-run.ts';

interface RunMatchers<R> {
  /** The task was in these states, in this order; others may come between. */
  toHaveVisited(...states: string[]): R;
  /** The task ended with this status, and with a message (or detail) that has this text or fits the pattern. */
  toEndWith(status: ExitStatus, message?: string | RegExp): R;
  /** No container of the run, or not this container, runs after the end of the task. */
  toBeReleased(): R;
  /** The run, or this number of seconds, is less than a duration such as `4 m`. */
  toTakeLessThan(limit: Duration): R;
  /** A process of this name, or one of this state, was started. */
  toHaveStarted(process: string): R;
}

declare module 'vitest' {
  // All declarations of an interface need the same type parameters.
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- only its name is needed
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> extends RunMatchers<R> {}
}

function matched({ holds, expected, unexpected }: Finding, of: unknown) {
  const run = isRun(of) ? of : null;
  return { pass: holds, message: () => withExplanation(holds ? unexpected : expected, run) };
}

function isRun(value: unknown): value is SimulatedRun {
  return typeof value === 'object' && value !== null && 'explain' in value;
}

expect.extend({
  toHaveVisited: (run: SimulatedRun, ...states: string[]) => matched(findVisited(run, ...states), run),
  toEndWith: (run: SimulatedRun, status: ExitStatus, message?: string | RegExp) =>
    matched(findEnd(run, status, message), run),
  toBeReleased: (of: SimulatedRun | RunContainer | null) => matched(findReleased(of), of),
  toTakeLessThan: (of: SimulatedRun | number, limit: Duration) => matched(findElapsed(of, limit), of),
  toHaveStarted: (run: SimulatedRun, process: string) => matched(findStarted(run, process), run),
});
