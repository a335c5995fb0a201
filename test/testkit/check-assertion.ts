import { FINISH } from '../../controlplane/statetable/table.ts';
import { EXIT_STATUS } from '../../shared/model/status.ts';
import { instead } from '../../shared/text/nearest-name.ts';
import { shown } from '../../shared/text/shown-value.ts';
import type { SimulatedRun } from './simulated-run.ts';
import { TestkitError } from './testkit-error.ts';

/** Refuses what is no run: an assertion about it would say nothing of the task. */
export function checkRun(run: unknown): asserts run is SimulatedRun {
  if (typeof run === 'object' && run !== null && 'states' in run && 'explain' in run) return;
  const isPromise = typeof run === 'object' && run !== null && 'then' in run;
  const problem = isPromise ? 'a promise: write "await" before the simulation' : shown(run);
  throw new TestkitError(`An assertion is about a run, and was given ${problem}`);
}

/** Refuses no states, which every run has visited, and states that no run can visit. */
export function checkStatesOf(run: unknown, wanted: readonly string[]): void {
  checkRun(run);
  if (wanted.length === 0) throw new TestkitError('Name at least one state: every run has visited none');
  const states = [...Object.keys(run.bags), FINISH];
  const unknown = wanted.find((state) => !states.includes(state));
  if (unknown === undefined) return;
  throw new TestkitError(`The table of ${run.kind} has no state ${shown(unknown)}${instead(String(unknown), states)}`);
}

/** Refuses an exit status that there is not, and a message that is neither text nor pattern. */
export function checkEnd(status: string, message: string | RegExp | undefined): void {
  if (!Object.hasOwn(EXIT_STATUS, status)) {
    throw new TestkitError(
      `There is no exit status ${shown(status)}${instead(String(status), Object.keys(EXIT_STATUS))}`,
    );
  }
  if (message === undefined || typeof message === 'string' || message instanceof RegExp) return;
  throw new TestkitError(`A message is compared with a text or a pattern, and not with ${shown(message)}`);
}
