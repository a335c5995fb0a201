import { messageOf } from '../../../shared/model/error.ts';
import { LOG_LEVEL } from '../../tasks/context.ts';
import { callMethod, type CallOutcome, type MethodEnd } from './call-method.ts';
import { MethodCalls } from './method-calls.ts';
import { runInScope, type MethodScope } from '../method-scope.ts';
import { StepContext, type OpenStep } from './step-context.ts';
import type { Run } from './task-run.ts';
import { LeaveTask } from '../engine-deps.ts';

/** A method to call: its name, the state it belongs to, and what it is given beside its context. */
export interface StepCall {
  readonly name: string;
  readonly state: string;
  readonly cause: unknown;
}

/**
 * Calls a method of the task in a step. What it did not wait for, and what it leaves in the draft and cannot be saved, are
 * errors of this method: no later one has done it.
 */
export async function callInStep(run: Run, step: OpenStep, { name, state, cause }: StepCall): Promise<CallOutcome> {
  const { deps, wip, abort, draft, row } = run;
  const calls = new MethodCalls();
  const scope: MethodScope = { kind: row.kind, taskId: row.id, state, method: name, unhandled: [], isOver: false };
  const context = (end: MethodEnd): StepContext => new StepContext(step, state, { end, calls });
  const outcome = await runInScope(scope, () => callMethod(deps, wip, { name, abort, context, cause }));
  if (outcome.kind === 'threw' && outcome.line) {
    draft.log(LOG_LEVEL.INFO, `The error of "${name}" was thrown at ${outcome.line}.`, false);
  }
  const faults = [
    // A method that ran out of its time still waits for its calls.
    ...(outcome.kind === 'interrupted' ? [] : await unawaitedFaults(run, name, calls)),
    ...scope.unhandled.map((error) => `Nothing in "${name}" handled an error: ${messageOf(error)}.`),
    ...draft.takeOutUnsavable(),
  ];
  scope.isOver = true;
  if (faults.length === 0) return outcome;
  if (outcome.kind === 'returned') return { kind: 'threw', message: faults.join(' ') };
  // The method has failed already. What it has left behind is told beside that.
  for (const fault of faults) draft.log(LOG_LEVEL.WARN, fault, false);
  return outcome;
}

/** Waits for effects that the method did not wait for, or not to their end, so that they happen before the step is saved. */
async function unawaitedFaults(run: Run, method: string, calls: MethodCalls): Promise<string[]> {
  const { deps, abort } = run;
  const { unawaited, underWay } = calls.end();
  if (unawaited.length === 0 && underWay.length === 0) return [];
  const settling = Promise.all(underWay).then(() =>
    Promise.all(unawaited.map(async ({ call, outcome }) => ({ call, ...(await outcome) }))),
  );
  const settled = await deps.withinTime(settling, { limitMs: deps.methodSeconds * 1000, abort });
  if (abort.aborted) throw new LeaveTask('stopping');
  if (typeof settled === 'symbol') return unawaited.map(({ call }) => `"${method}" did not await ${call}.`);
  return settled.map(({ call, failed, error }) => {
    if (!failed) return `"${method}" did not await ${call}.`;
    if (error instanceof LeaveTask || deps.store.isTrouble(error)) throw error;
    return `"${method}" did not await ${call}, which failed: ${messageOf(error).replace(/\.$/, '')}.`;
  });
}
