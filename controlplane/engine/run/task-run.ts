import type { StateTable } from '../../statetable/table.ts';
import type { TaskLease } from '../../store/tasks/leases.ts';
import type { ClaimedTask } from '../../store/tasks/queue.ts';
import type { BasicWip } from '../../tasks/basic-wip.ts';
import type { TaskDraft } from './task-draft.ts';
import type { UnrunnableReason } from './unrunnable-task.ts';
import { decideStep } from '../../statetable/decide-step.ts';
import type { Decision, StepEvent } from '../../statetable/step.ts';
import type { Next, SaveOutcome } from '../../store/tasks/save-step.ts';
import { LOG_LEVEL } from '../../tasks/context.ts';
import { LeaveTask, type StepDeps } from '../engine-deps.ts';
import { askForTitle } from '../ask-class.ts';
import type { TaskRequests } from '../task-requests.ts';
import { addLogReports } from './add-reports.ts';

/** One task while this node runs it. */
export interface Run {
  readonly deps: StepDeps;
  readonly lease: TaskLease;
  readonly row: ClaimedTask;
  readonly wip: BasicWip;
  readonly table: StateTable;
  readonly draft: TaskDraft;
  /** Aborts when the node stops or has lost the lease. */
  readonly abort: AbortSignal;
  /** Makes the requests that report the task to outside services. */
  readonly requests: TaskRequests;
  /** Why the task is ended instead of stepped. */
  readonly unrunnable: UnrunnableReason | null;
  /** Milliseconds that the task sleeps after its last save; null: it does not sleep. */
  sleepsMs: number | null;
}

/**
 * How a node's work on a task ends. `sleepsMs`: milliseconds from its last save until its wait ends by itself; null: it
 * ended, or was handed back otherwise. `lost`: another node has taken the task over, or a client has changed it.
 */
export type RunEnd = { readonly kind: 'released'; readonly sleepsMs: number | null } | { readonly kind: 'lost' };

export function releasedBy({ sleepsMs }: Run): RunEnd {
  return { kind: 'released', sleepsMs };
}

/** Returns the decision of the state table about `event`, and notes position, recording and log in the draft. */
export function decide(run: Run, event: StepEvent, startedMs: number): Decision {
  const { draft, table, deps } = run;
  const decision = decideStep(table, draft.position, event);
  if (
    draft.position.state === null &&
    decision.instruction.kind === 'enter' &&
    decision.position.entry > draft.position.entry
  ) {
    draft.log(LOG_LEVEL.INFO, `Starting ${askForTitle(run.wip, run.row.title)}`, false);
  }
  draft.position = decision.position;
  if (decision.error) draft.log(LOG_LEVEL.ERROR, decision.error.message, false);
  if (decision.logLine) draft.log(LOG_LEVEL.INFO, decision.logLine, false);
  if (decision.recorded) {
    draft.record(decision.recorded, table, { beganMs: startedMs, tookMs: deps.clock.monotonicMs() - startedMs });
  }
  return decision;
}

/** Commits the draft and the next action. Throws LeaveTask when this node no longer has the task. */
export async function save(run: Run, next: Next): Promise<SaveOutcome & { kind: 'saved' }> {
  const { deps, draft } = run;
  addLogReports(run);
  await deps.failpoint(`before-save-${next.kind}`, stateLabel(run));
  const outcome = await saveOrRepair(run, next);
  deps.observer.saved(next.kind);
  await deps.failpoint(`after-save-${next.kind}`, stateLabel(run));
  if (outcome.kind === 'lost') throw new LeaveTask('lost');
  run.sleepsMs = outcome.sleepsMs;
  outcome.toNotify.forEach(deps.notifyNodes);
  draft.saved();
  return outcome;
}

/**
 * Saves the draft. If the save fails, unstorable values are removed and logged, and the save is repeated: code of the task, such
 * as a timer, may have written them after the check that follows each method.
 */
async function saveOrRepair({ deps, draft, lease }: Run, next: Next): Promise<SaveOutcome> {
  const write = (): Promise<SaveOutcome> =>
    deps.store.saveStep(lease, { ...draft.toSave(deps.clock.monotonicMs()), next });
  try {
    return await write();
  } catch (error) {
    if (error instanceof LeaveTask || deps.store.isTrouble(error)) throw error;
    const unsaved = draft.removeAllUnstorable();
    if (unsaved.length === 0) throw error;
    for (const one of unsaved) draft.log(LOG_LEVEL.ERROR, one, false);
    return write();
  }
}

/** Returns the state that a failpoint belongs to. */
export function stateLabel({ draft: { position } }: Run): string {
  return position.entering?.state ?? position.state ?? 'the start';
}
