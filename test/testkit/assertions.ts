import { formatSecondsApart } from '../../shared/model/units.ts';
import type { ExitStatus } from '../../shared/model/status.ts';
import { secondsOf, type Duration } from './duration.ts';
import { checkEnd, checkRun, checkStatesOf } from './check-assertion.ts';
import type { RunContainer, SimulatedRun } from './simulated-run.ts';
import { TestkitError } from './testkit-error.ts';

/** What a run should show, and whether it does. The matchers of test runners are made of these. */
export interface Finding {
  readonly holds: boolean;
  /** What is wrong, for both directions: `expected … to …, but …`. */
  readonly expected: string;
  readonly unexpected: string;
}

/** Whether the task was in these states, in this order; others may come between. */
export function findVisited(run: SimulatedRun, ...wanted: readonly string[]): Finding {
  checkStatesOf(run, wanted);
  const { states } = run;
  let met = 0;
  for (const state of states) if (state === wanted[met]) met += 1;
  const reached = wanted.slice(0, met).join(' → ') || 'none of them';
  return {
    holds: met === wanted.length,
    expected: `the task was not in ${wanted[met]}${met === 0 ? '' : ` after ${reached}`}`,
    unexpected: `the task was in ${wanted.join(' → ')}`,
  };
}

/** Whether the task ended with this status, and with a message that has this text or fits the pattern. */
export function findEnd(run: SimulatedRun, status: ExitStatus, message?: string | RegExp): Finding {
  checkRun(run);
  checkEnd(status, message);
  const { exit, outcome } = run;
  const text = [exit.message, exit.detail ?? ''].join('\n');
  const isMeant = message === undefined || isIn(text, message);
  const wanted = message === undefined ? status : `${status} with ${String(message)}`;
  const said = exit.message === '' ? ' without a message' : `: ${exit.message.replace(/\.$/, '')}`;
  const ended = outcome === 'ended' ? `it ended as ${exit.status}${said}` : `it did not end (${outcome})`;
  return {
    holds: outcome === 'ended' && exit.status === status && isMeant,
    expected: `the task should end as ${wanted}, and ${ended}`,
    unexpected: `the task ended as ${wanted}`,
  };
}

/** A pattern with the flag g remembers where it found something, and would not find it twice. */
function isIn(text: string, message: string | RegExp): boolean {
  return typeof message === 'string' ? text.includes(message) : text.search(message) >= 0;
}

/** Whether no container of the task, or not this one, runs after its end. */
export function findReleased(of: SimulatedRun | RunContainer | null): Finding {
  if (typeof of !== 'object' || (of !== null && !('isReleased' in of))) checkRun(of);
  const containers = of === null ? [] : 'attempts' in of ? of.attempts : [of];
  const left = containers.filter(({ isReleased }) => !isReleased).map(({ number }) => number);
  return {
    holds: left.length === 0,
    expected: `container ${left.join(', ')} still runs after the end of the task`,
    unexpected: 'no container runs after the end of the task',
  };
}

/** Whether the run took less virtual time than this. */
export function findElapsed(of: SimulatedRun | number, limit: Duration): Finding {
  if (typeof of !== 'number') checkRun(of);
  const seconds = typeof of === 'number' ? of : of.elapsed;
  const [took, most] = formatSecondsApart(seconds, secondsOf(limit));
  return {
    holds: seconds < secondsOf(limit),
    expected: `it took ${took}, which is not less than ${most}`,
    unexpected: `it took ${took}, which is less than ${most}`,
  };
}

/** Whether a process of this name, or one of this state, was started. */
export function findStarted(run: SimulatedRun, wanted: string): Finding {
  checkRun(run);
  if (typeof wanted !== 'string' || wanted === '')
    throw new TestkitError('Name a process, or the state that starts it');
  const { processes } = run;
  const names = [...new Set(processes.map(({ name }) => name))].join(', ');
  return {
    holds: processes.some(({ name, state }) => name === wanted || state === wanted),
    expected: `no process "${wanted}" was started; ${names === '' ? 'there was none' : `there were ${names}`}`,
    unexpected: `the process "${wanted}" was started`,
  };
}

/** Thrown by the assertions. Test runners show its message, which ends with the explanation of the run. */
export class RunAssertionError extends Error {
  override readonly name = 'AssertionError';
}

function assertFinding(run: SimulatedRun | null, { holds, expected }: Finding): void {
  if (!holds) throw new RunAssertionError(withExplanation(expected, run));
}

export function withExplanation(problem: string, run: SimulatedRun | null): string {
  const sentence = `${problem[0]!.toUpperCase()}${problem.slice(1).replace(/\.$/, '')}.`;
  return run === null ? sentence : `${sentence}\n\n${run.explain()}`;
}

/** Throws unless the task was in these states, in this order; others may come between. */
export function assertVisited(run: SimulatedRun, ...states: readonly string[]): void {
  assertFinding(run, findVisited(run, ...states));
}

/** Throws if the task was in one of these states. */
export function assertNotVisited(run: SimulatedRun, ...states: readonly string[]): void {
  checkStatesOf(run, states);
  const met = states.find((state) => run.states.includes(state));
  if (met !== undefined) throw new RunAssertionError(withExplanation(`the task was in ${met}`, run));
}

/** Throws unless the task ended with this status, and with a message (or detail) that has this text or fits the pattern. */
export function assertEndedWith(run: SimulatedRun, status: ExitStatus, message?: string | RegExp): void {
  assertFinding(run, findEnd(run, status, message));
}

/** Throws if a container of the task runs after its end. */
export function assertReleased(run: SimulatedRun): void {
  assertFinding(run, findReleased(run));
}

/** Throws unless the run took less virtual time than this: seconds, or `4 m`. */
export function assertElapsedLessThan(run: SimulatedRun, limit: Duration): void {
  assertFinding(run, findElapsed(run, limit));
}

/** Throws unless a process of this name, or one of this state, was started. */
export function assertStarted(run: SimulatedRun, process: string): void {
  assertFinding(run, findStarted(run, process));
}

/** Throws if an effect of the task happened more than once. */
export function assertEffectsOnce(run: SimulatedRun): void {
  checkRun(run);
  const repeated = run.effects.find(({ times }) => times > 1);
  if (!repeated) return;
  const { kind, name, state, times } = repeated;
  throw new RunAssertionError(withExplanation(`the ${kind} "${name}" of ${state} happened ${times} times`, run));
}
