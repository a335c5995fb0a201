import { messageOf } from '../../../shared/model/error.ts';
import { LATE } from '../../../shared/time/within-time.ts';
import { nextTurn } from '../../../shared/time/next-turn.ts';
import { LOG_LEVEL } from '../../tasks/context.ts';
import { callMethod, type CallOutcome, type MethodEnd } from './call-method.ts';
import { SavedJsonView } from './saved-json-view.ts';
import { MethodCalls } from './method-calls.ts';
import { LEFT_AN_ERROR, runInScope, runOutsideScopes, type MethodScope } from '../method-scope.ts';
import { StepContext, type OpenStep } from './step-context.ts';
import type { Run } from './task-run.ts';
import { LeaveTask } from '../engine-deps.ts';

/** A method to call: its name, its state, and its argument besides the context. */
export interface StepCall {
  readonly name: string;
  readonly state: string;
  readonly cause: unknown;
}

const NOTHING: readonly string[] = [];
// Leftover code of a method may run for ever. The first sentences are enough to show what is wrong.
const MOST_LATE = 10;

/**
 * Calls a method of the task in a step. Calls that it did not await, and unstorable values that it leaves in the draft, are errors
 * of this method, so that no later method is blamed.
 */
export async function callInStep(run: Run, step: OpenStep, { name, state, cause }: StepCall): Promise<CallOutcome> {
  const { deps, wip, abort, draft } = run;
  const scope = openScope(run, name, state);
  const calls = new MethodCalls(scope);
  const savedJson = new SavedJsonView(calls);
  const context = (end: MethodEnd): StepContext => new StepContext(step, state, { end, calls, savedJson });
  try {
    const outcome = await runInScope(scope, () => callMethod(deps, wip, { name, abort, context, cause }));
    if (outcome.kind === 'threw' && outcome.line) {
      draft.log(LOG_LEVEL.INFO, `The error of "${name}" was thrown at ${outcome.line}.`, false);
    }
    calls.close(outcome.kind === 'interrupted' ? 'interrupted' : 'ended');
    // A method that was interrupted by its time limit may still be awaiting its calls.
    const hasCalls = calls.hasEffects && outcome.kind !== 'interrupted';
    const unawaited = hasCalls ? await unawaitedFaults(run, name, calls) : NOTHING;
    if (deps.unhandledFound) await deps.unhandledFound();
    const unstorable = savedJson.isWritten ? draft.removeUnstorable() : NOTHING;
    savedJson.replaceByCopies();
    if (unawaited.length + scope.unhandled.length + unstorable.length === 0) return outcome;
    const faults = [...unawaited, ...unhandledFaults(scope), ...unstorable];
    if (outcome.kind === 'returned') return { kind: 'threw', message: faults.join(' ') };
    // The method has failed already, so the faults are only logged besides its error.
    for (const fault of faults) draft.log(LOG_LEVEL.WARN, fault, false);
    return outcome;
  } finally {
    // What was thrown before the first close is of the node: it stops, has lost the task, or has no database.
    calls.close('left');
    closeScope(run, scope);
  }
}

function openScope({ deps, row }: Run, method: string, state: string): MethodScope {
  let late = 0;
  const reportLateError = (sentence: string): void => {
    late += 1;
    if (late > MOST_LATE) return;
    const noted = runOutsideScopes(() => deps.store.logLateError(row.id, sentence));
    noted.catch((error: unknown) =>
      deps.log.warn({ err: error, taskId: row.id, sentence }, 'a warning could not be added to the log of a task'),
    );
  };
  return { kind: row.kind, taskId: row.id, state, method, unhandled: [], isOver: false, reportLateError };
}

function closeScope({ deps }: Run, scope: MethodScope): void {
  const { kind, taskId, state, method, unhandled } = scope;
  for (const { error } of unhandled)
    deps.log.error({ err: error, kind, taskId, state, method, isOver: false }, LEFT_AN_ERROR);
  scope.isOver = true;
}

function unhandledFaults({ method, unhandled }: MethodScope): string[] {
  return unhandled.map(({ error }) => `Nothing in "${method}" handled an error: ${clauseOf(error)}.`);
}

/**
 * Waits for effects that are still under way, so that they end before the step is saved. Returns a sentence for each call that
 * the method did not await.
 */
async function unawaitedFaults({ deps, abort }: Run, method: string, calls: MethodCalls): Promise<string[]> {
  const goingOn = calls.end();
  if (goingOn) {
    const settled = await deps.withinTime(goingOn, { limitMs: deps.methodSeconds * 1000, abort });
    if (abort.aborted) throw new LeaveTask('stopping');
    // Code that awaits an ended effect continues now, and mostly ends within one turn of the event loop.
    if (settled !== LATE) await nextTurn();
  }
  return calls.takeLeft().map(({ call, what, result }) => {
    const failure = result?.failed ? result.error : null;
    if (failure instanceof LeaveTask || deps.store.isTrouble(failure)) throw failure;
    if (what === 'error') return `"${method}" did not handle an error of ${call}: ${clauseOf(failure)}.`;
    return `"${method}" did not await ${call}${result?.failed ? `, which failed: ${clauseOf(failure)}` : ''}.`;
  });
}

function clauseOf(error: unknown): string {
  return messageOf(error).replace(/\.$/, '');
}
