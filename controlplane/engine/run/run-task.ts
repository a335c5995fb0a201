import { assertNever } from '../../../shared/model/assert-never.ts';
import { parsedTable } from '../../statetable/parsed-table.ts';
import type { Decision, Instruction } from '../../statetable/step.ts';
import type { StepInput } from '../../store/tasks/begin-step.ts';
import type { TaskLease } from '../../store/tasks/leases.ts';
import type { ClaimedTask } from '../../store/tasks/queue.ts';
import { LOG_LEVEL } from '../../tasks/context.ts';
import { callInStep } from './call-in-step.ts';
import { LeaveTask, type StepDeps } from '../engine-deps.ts';
import { runClassCode } from '../method-scope.ts';
import { secretOptionsOf, TaskRequests } from '../task-requests.ts';
import { completeTask, endUnrunnable, noteEndingTask, noteOverdue } from './end-task.ts';
import { enterState } from './enter-state.ts';
import { answerOf, hintAboutAnswer } from './method-answer.ts';
import { openStep } from './open-step.ts';
import { callBeginHooks, callEndHooks, callWaitHooks } from './task-hooks.ts';
import { decide, releasedBy, save, stateLabel, type Run, type RunEnd } from './task-run.ts';
import type { OpenStep } from './step-context.ts';
import { TaskDraft } from './task-draft.ts';
import { endsClassless, migrateTask, whyBlamedForNodeLoss, type UnrunnableReason } from './unrunnable-task.ts';
import { BasicWip } from '../../tasks/basic-wip.ts';
import type { WipClass } from '../../tasks/wip-class.ts';
import { classVersionsOf } from '../../tasks/checks/class-versions.ts';

// The number of immediate steps of one task in a row before other tasks get their turn: a table that spins must not occupy a
// node.
const MAX_STEPS_IN_A_ROW = 50;

/** `later`: the task is released. `again`: its next step begins at once; `nextInput` is null when it must be read. */
type StepEnd = { readonly kind: 'later' } | { readonly kind: 'again'; readonly nextInput: StepInput | null };

const LATER: StepEnd = { kind: 'later' };

/**
 * Steps a claimed task until it waits, is complete, or must be left. All decisions are in statetable/. This file
 * carries them out, and saves at the three moments that matter: before a state runs, at a wait, at the end.
 */
export async function runTask(deps: StepDeps, row: ClaimedTask, abort: AbortSignal): Promise<RunEnd> {
  const lease = { id: row.id, token: row.token };
  try {
    const run = await openTask(deps, row, lease, abort);
    // After the wait for the check of takeovers, the input that was read with the claim is outdated.
    let input = row.takeovers > 0 ? null : row.stepInput;
    for (let steps = 0; steps < MAX_STEPS_IN_A_ROW; steps += 1) {
      input ??= await deps.store.beginStep(lease);
      if (!input) throw new LeaveTask('lost');
      if (input.paused) return await holdTask(run, { isTouched: steps > 0 });
      const end = await observeStep(run, () => runStep(run, input!));
      if (end.kind === 'later') return releasedBy(run);
      input = end.nextInput;
      // The step is whole and saved: another node need not run its state again.
      if (abort.aborted) break;
    }
    await save(run, { kind: 'yield' });
    return releasedBy(run);
  } catch (error) {
    if (!(error instanceof LeaveTask)) throw error;
    deps.log.info({ taskId: row.id, why: error.why }, 'task left');
    if (error.why === 'lost') return { kind: 'lost' };
    const handedBack = await deps.store.releaseTask(lease, 0);
    return handedBack === 'released' ? { kind: 'released', sleepsMs: null } : { kind: 'lost' };
  }
}

/** Hands back, unchanged, a task that was paused since its claim. No node claims it before it is resumed. */
async function holdTask(run: Run, { isTouched }: { isTouched: boolean }): Promise<RunEnd> {
  if (!isTouched) throw new LeaveTask('paused');
  await save(run, { kind: 'yield' });
  return { kind: 'released', sleepsMs: null };
}

async function openTask(deps: StepDeps, row: ClaimedTask, lease: TaskLease, abort: AbortSignal): Promise<Run> {
  const draft = new TaskDraft(row);
  // A task handed back in the middle of a state counts as interrupted too, even when a stopping node handed it back.
  if (row.isTakeover || row.entering !== null) {
    const isOfAnother = row.isTakeover && row.previousOwner !== deps.node;
    const { wentOn: _wentOn, ...notes } = draft.notes;
    draft.notes = { ...notes, tookOver: true, ...(!isOfAnother && { wentOn: true }) };
    const how = isOfAnother ? `took over from ${row.previousOwner ?? 'another one'}` : 'went on with it';
    draft.log(
      LOG_LEVEL.WARN,
      `Node ${deps.node} ${how}${row.entering ? `, and ${row.entering} was being entered` : ''}.`,
      false,
    );
  }
  const wipClass = classOf(deps.kinds, row);
  const isOfThisVersion = row.classVersion === String(wipClass?.version);
  const refusal = wipClass && !isOfThisVersion ? migrateTask(wipClass, row, draft) : null;
  const unrunnable = wipClass ? (refusal ?? (await whyBlamedForNodeLoss(deps, row, lease, abort))) : endsClassless(row);
  const { wip, table } = wipClass ? makeWip(wipClass, row, unrunnable) : makeClassless(row);
  const secretOption = secretOptionsOf(deps, row);
  const requests = new TaskRequests({ sealer: deps.sealer, wip, secretOption, makeNonce: deps.identities.reportNonce });
  return {
    deps,
    lease,
    row,
    wip,
    table,
    draft,
    abort,
    unrunnable,
    requests,
    sleepsMs: null,
  };
}

/** Returns the class of a claimed task; null when only its end is left, for which no node has the class. */
function classOf(kinds: StepDeps['kinds'], row: ClaimedTask): WipClass | null {
  const wipClass = kinds.get(row.kind);
  const versions = wipClass ? classVersionsOf([wipClass]) : [];
  if (wipClass && versions.some(({ classVersion }) => classVersion === row.classVersion)) return wipClass;
  if (row.terminateRequestedAt !== null) return null;
  throw new Error(`a task of version ${row.classVersion} of ${row.kind} was claimed, which this node does not have`);
}

/** A task that is ended because its class cannot be made needs no more than what every task has. */
function makeWip(wipClass: WipClass, { uuid, options }: ClaimedTask, unrunnable: UnrunnableReason | null) {
  try {
    return runClassCode(wipClass.kind, 'create', () => {
      const wip = wipClass.create({ uuid, options });
      return { wip, table: parsedTable(wip.getStateTable()) };
    });
  } catch (error) {
    if (!unrunnable) throw error;
    return makeClassless({ uuid });
  }
}

function makeClassless({ uuid }: Pick<ClaimedTask, 'uuid'>): Pick<Run, 'wip' | 'table'> {
  const wip = new BasicWip({ uuid, options: {} });
  return { wip, table: parsedTable(wip.getStateTable()) };
}

async function observeStep<T>({ deps, row }: Run, step: () => Promise<T>): Promise<T> {
  const startedMs = deps.clock.monotonicMs();
  try {
    return await step();
  } finally {
    deps.observer.stepEnded({ kind: row.kind, tookMs: deps.clock.monotonicMs() - startedMs });
  }
}

async function runStep(run: Run, input: StepInput): Promise<StepEnd> {
  const { deps, draft, table } = run;
  deps.observer.stepBegan();
  await deps.failpoint('after-begin', stateLabel(run));
  draft.addTime(table, input.now);
  draft.stepBegan = { at: input.now, monotonicMs: deps.clock.monotonicMs() };
  draft.wait = null;
  if (run.unrunnable) {
    await endUnrunnable(run, run.unrunnable, input);
    return LATER;
  }
  const step = openStep(run, input);
  await callBeginHooks(run, step, input);
  const startedMs = deps.clock.monotonicMs();
  const wake = input.waitUntil !== null && input.now < input.waitUntil ? 'early' : 'due';
  if (input.terminateRequested) await noteEndingTask(run);
  const terminateRequested = input.terminateRequested || noteOverdue(run, input);
  let decision = decide(run, { kind: 'begin', terminateRequested, wake }, startedMs);
  let nextInput: StepInput | null = null;
  for (;;) {
    const { instruction } = decision;
    switch (instruction.kind) {
      case 'ask':
        decision = await ask(run, step, instruction, startedMs);
        break;
      case 'enter': {
        const entered = await enterState(run, { step, input, startedMs, instruction });
        if (!entered) return LATER;
        ({ decision, nextInput } = entered);
        break;
      }
      case 'wait':
        // A chain of states without waits continues under the same claim. The next commit saves this step as well.
        if (instruction.seconds === 0) return { kind: 'again', nextInput: nextInput };
        return await saveWait(run, step, {
          seconds: instruction.seconds,
          isCutBySignals: decision.recorded?.executed === false,
        });
      case 'keep-waiting':
        return await keepWaiting(run, step, input);
      case 'complete':
        draft.finish(instruction.exit);
        await callEndHooks(run, step);
        await completeTask(run);
        await deps.failpoint('after-complete', stateLabel(run));
        return LATER;
      default:
        return assertNever(instruction);
    }
  }
}

async function ask(
  run: Run,
  step: OpenStep,
  { state, method }: Instruction & { kind: 'ask' },
  startedMs: number,
): Promise<Decision> {
  const outcome = await callInStep(run, step, { name: method, state, cause: null });
  switch (outcome.kind) {
    case 'returned': {
      const hint = hintAboutAnswer(run.table, { state, method }, outcome.value);
      if (hint) run.draft.log(LOG_LEVEL.WARN, hint, false);
      return decide(run, answerOf(method, outcome.value), startedMs);
    }
    case 'threw':
      return decide(run, { kind: 'method-threw', message: outcome.message }, startedMs);
    case 'interrupted': {
      const message = `The transition method "${method}" did not answer within ${run.deps.methodSeconds} s.`;
      return decide(run, { kind: 'method-threw', message }, startedMs);
    }
    default:
      return assertNever(outcome);
  }
}

async function saveWait(
  run: Run,
  step: OpenStep,
  wait: { seconds: number; isCutBySignals: boolean },
): Promise<StepEnd> {
  await callWaitHooks(run, step);
  // The waits of a table are fail-safes. A container that may just have ended is checked when its witnesses ask for
  // it, and a launch is repeated when the task says so.
  const { recheckSeconds } = step.session;
  const limits = [run.draft.wait?.detail?.recheckSeconds, wait.isCutBySignals ? recheckSeconds : null];
  const seconds = Math.min(wait.seconds, ...limits.filter((limit) => typeof limit === 'number'));
  await save(run, { ...wait, kind: 'wait', seconds, ...run.draft.toWait(step.now) });
  return LATER;
}

async function keepWaiting(run: Run, step: OpenStep, input: StepInput): Promise<StepEnd> {
  const limits = [step.session.recheckSeconds, run.draft.wait?.detail?.recheckSeconds];
  const recheckSeconds = Math.min(Infinity, ...limits.filter((limit) => typeof limit === 'number'));
  const told = run.draft.toWait(step.now);
  const leftSeconds = ((input.waitUntil ?? input.now).getTime() - input.now.getTime()) / 1000;
  await save(
    run,
    recheckSeconds < leftSeconds
      ? { kind: 'wait', seconds: recheckSeconds, isCutBySignals: true, ...told }
      : { kind: 'wait-on', isCutBySignals: true, ...told },
  );
  return LATER;
}
