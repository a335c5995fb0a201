import { assertNever } from '../../shared/model/assert-never.ts';
import { decideStep } from '../statetable/decide-step.ts';
import { parseStateTable } from '../statetable/parse-table.ts';
import type { Decision, Instruction, StepEvent } from '../statetable/step.ts';
import { beginStep, type BegunStep, type Fence } from '../store/tasks/begin-step.ts';
import type { ClaimedTask } from '../store/tasks/queue.ts';
import { releaseTask } from '../store/tasks/leases.ts';
import { saveStep, type Next } from '../store/tasks/save-step.ts';
import { LOG_LEVEL } from '../tasks/context.ts';
import { callHook, type Hook } from './call-hook.ts';
import { callMethod } from './call-method.ts';
import { LeaveTask, type EngineWorld } from './engine-world.ts';
import { openStep, type Run } from './open-step.ts';
import { whyPoisoned } from './poison.ts';
import { StepContext, type StepWorld } from './step-context.ts';
import { TaskDraft } from './task-draft.ts';
import { migrateTask, type Unfit } from './unfit-task.ts';

// A method that ran out of its time is run again for this entry so often before it counts as failed (engine.md 3).
const MAX_INTERRUPTIONS = 3;
const INTERRUPTED_WAIT_SECONDS = 5;
// Immediate steps of one task in a row before others get their turn; a table that spins must not hold a node.
const MAX_STEPS_IN_A_ROW = 50;

/** `later`: the step is over and the task let go. `again`: the next step begins at once. */
type StepEnd = 'later' | 'again';

/**
 * Steps a claimed task until it waits, is complete, or must be left. Everything decided is in statetable/; this
 * file only carries out, and saves at the three moments that matter: before a state runs, at a wait, at the end.
 * `lost`: another node has taken the task over, or somebody has changed it from outside.
 */
export async function runTask(world: EngineWorld, row: ClaimedTask, stop: AbortSignal): Promise<'let-go' | 'lost'> {
  const fence = { id: row.id, token: row.token };
  try {
    const run = await openTask(world, row, fence, stop);
    // What began with the claim is old by now when the task had to wait for its judgement.
    let begun = row.takeovers > 0 ? null : row.begun;
    for (let steps = 0; steps < MAX_STEPS_IN_A_ROW; steps += 1) {
      begun ??= await beginStep(world.db, fence);
      if (!begun) throw new LeaveTask('fenced');
      if ((await runStep(run, begun)) === 'later') return 'let-go';
      begun = null;
      if (stop.aborted) throw new LeaveTask('stopping');
    }
    await save(run, { kind: 'yield' });
    return 'let-go';
  } catch (error) {
    if (!(error instanceof LeaveTask)) throw error;
    world.log.info({ taskId: row.id, why: error.why }, 'task left');
    if (error.why === 'fenced') return 'lost';
    return (await releaseTask(world.db, fence, 0)) === 'released' ? 'let-go' : 'lost';
  }
}

async function openTask(world: EngineWorld, row: ClaimedTask, fence: Fence, stop: AbortSignal): Promise<Run> {
  const wipClass = world.kinds.get(row.kind);
  if (!wipClass) throw new Error(`a task of kind ${row.kind} was claimed, which this node does not have`);
  const wip = wipClass.create({ uuid: row.uuid, options: row.options });
  const draft = new TaskDraft(row);
  // Handed back in the middle of a state, as by a node that was told to stop, is interrupted all the same.
  if (row.isTakeover || row.entering !== null) {
    draft.notes = { ...draft.notes, tookOver: true };
    draft.log(
      LOG_LEVEL.WARN,
      `Node ${world.node} took over${row.entering ? ` while ${row.entering} was being entered` : ''}.`,
      false,
    );
  }
  const isOfThisVersion = row.classVersion === String(wipClass.version);
  const unfit =
    (isOfThisVersion ? null : migrateTask(wipClass, row, draft)) ?? (await whyPoisoned(world, row, fence, stop));
  return { world, fence, row, wip, table: parseStateTable(wip.getStateTable()), draft, stop, unfit };
}

async function runStep(run: Run, begun: BegunStep): Promise<StepEnd> {
  const { world, draft, table } = run;
  await world.failpoint('after-begin', placeOf(run));
  draft.addTime(table, begun.now);
  if (run.unfit) return await endUnfit(run, run.unfit);
  const step = openStep(run, begun);
  const startedMs = world.clock.monotonicMs();
  const wake = begun.waitUntil !== null && begun.now < begun.waitUntil ? 'early' : 'due';
  const terminateRequested = begun.terminateRequested || noteOverdue(run, begun);
  let decision = decide(run, { kind: 'begin', terminateRequested, wake }, startedMs);
  for (;;) {
    const { instruction } = decision;
    switch (instruction.kind) {
      case 'ask':
        decision = await ask(run, step, instruction, startedMs);
        break;
      case 'enter': {
        const entered = await enter(run, step, instruction, startedMs);
        if (!entered) return 'later';
        decision = entered;
        break;
      }
      case 'wait':
        return await waitSo(run, step, {
          seconds: instruction.seconds,
          isCutBySignals: decision.recorded?.executed === false,
        });
      case 'keep-waiting':
        return await keepWaiting(run, step, begun);
      case 'complete':
        draft.finish(instruction.exit);
        if (draft.exit.status.startsWith('ERROR_')) await hook(run, step, 'onFail');
        await hook(run, step, 'onFinish');
        await save(run, { kind: 'complete' });
        await world.failpoint('after-complete', placeOf(run));
        return 'later';
      default:
        return assertNever(instruction);
    }
  }
}

function decide(run: Run, event: StepEvent, startedMs: number): Decision {
  const { draft, table, world } = run;
  const decision = decideStep(table, draft.position, event);
  if (
    draft.position.state === null &&
    decision.instruction.kind === 'enter' &&
    decision.position.entry > draft.position.entry
  ) {
    draft.log(LOG_LEVEL.INFO, `Starting ${run.wip.title}`, false);
  }
  draft.position = decision.position;
  if (decision.error) draft.log(LOG_LEVEL.ERROR, decision.error.message, false);
  if (decision.logLine) draft.log(LOG_LEVEL.INFO, decision.logLine, false);
  if (decision.recorded) draft.record(decision.recorded, table, world.clock.monotonicMs() - startedMs);
  return decision;
}

async function ask(
  run: Run,
  step: StepWorld,
  { state, method }: Instruction & { kind: 'ask' },
  startedMs: number,
): Promise<Decision> {
  const context = (signal: AbortSignal): StepContext => new StepContext(step, state, signal);
  const outcome = await callMethod(run.world, run.wip, { name: method, stop: run.stop, context, cause: null });
  switch (outcome.kind) {
    case 'returned':
      return decide(run, { kind: 'answered', value: outcome.value }, startedMs);
    case 'threw':
      return decide(run, { kind: 'method-threw', message: outcome.message }, startedMs);
    case 'interrupted': {
      const message = `The transition method "${method}" did not answer within ${run.world.methodSeconds} s.`;
      return decide(run, { kind: 'method-threw', message }, startedMs);
    }
    default:
      return assertNever(outcome);
  }
}

/** Null: the entry was interrupted and will be repeated, the task is let go. */
async function enter(
  run: Run,
  step: StepWorld,
  { state, cause, exit }: Instruction & { kind: 'enter' },
  startedMs: number,
): Promise<Decision | null> {
  const { draft, world, wip } = run;
  const isRepeated = draft.notes.tookOver === true;
  draft.applyExit(exit);
  // A repeated entry is committed already; saving it again would forget how often it was taken over.
  if (!(isRepeated && run.row.entering === state)) await save(run, { kind: 'entering', state });
  if (isRepeated && wip.interrupted(state) === 'fail') {
    return decide(run, { kind: 'state-threw', message: `The state "${state}" was interrupted by a crash.` }, startedMs);
  }
  const { way } = draft.position.entering ?? {};
  if (way === 'start') await hook(run, step, 'onStart');
  if (way === 'terminate' || way === 'terminate-unstarted') await hook(run, step, 'onTerminate');
  const context = (signal: AbortSignal): StepContext => new StepContext(step, state, signal);
  const outcome = await callMethod(world, wip, { name: state, stop: run.stop, context, cause });
  await world.failpoint('after-state', state);
  switch (outcome.kind) {
    case 'returned':
      return decide(run, { kind: 'entered' }, startedMs);
    case 'threw':
      return decide(run, { kind: 'state-threw', message: outcome.message }, startedMs);
    case 'interrupted':
      return await interrupt(run, state, startedMs);
    default:
      return assertNever(outcome);
  }
}

async function interrupt(run: Run, state: string, startedMs: number): Promise<Decision | null> {
  const { draft, world } = run;
  const interruptions = (draft.notes.interruptions ?? 0) + 1;
  const message = `The state "${state}" was not through after ${world.methodSeconds} s.`;
  if (interruptions >= MAX_INTERRUPTIONS) return decide(run, { kind: 'state-threw', message }, startedMs);
  draft.notes = { ...draft.notes, interruptions };
  draft.log(LOG_LEVEL.WARN, `${message} It is run again (${interruptions} of ${MAX_INTERRUPTIONS}).`, false);
  await save(run, { kind: 'wait', seconds: INTERRUPTED_WAIT_SECONDS * interruptions, isCutBySignals: false });
  return null;
}

async function waitSo(run: Run, step: StepWorld, wait: { seconds: number; isCutBySignals: boolean }): Promise<StepEnd> {
  // A chain of states without waits goes on under the same claim; the next commit takes this step along.
  if (wait.seconds === 0) return 'again';
  await hook(run, step, 'onWait');
  // The waits of a table are fail-safes: a container that may just have ended is looked at when its witnesses say.
  const { recheckSeconds } = step.container;
  const seconds =
    wait.isCutBySignals && recheckSeconds !== null ? Math.min(wait.seconds, recheckSeconds) : wait.seconds;
  await save(run, { ...wait, kind: 'wait', seconds });
  return 'later';
}

async function keepWaiting(run: Run, step: StepWorld, begun: BegunStep): Promise<StepEnd> {
  const { recheckSeconds } = step.container;
  const leftSeconds = ((begun.waitUntil ?? begun.now).getTime() - begun.now.getTime()) / 1000;
  const isSooner = recheckSeconds !== null && recheckSeconds < leftSeconds;
  await save(
    run,
    isSooner
      ? { kind: 'wait', seconds: recheckSeconds, isCutBySignals: true }
      : { kind: 'wait-on', isCutBySignals: true },
  );
  return 'later';
}

function hook(run: Run, step: StepWorld, name: Hook): Promise<void> {
  return callHook(run.world, run.wip, name, { step, stop: run.stop });
}

/** Past its maximum run time a task is ended like a terminated one, but as the system's failure. */
function noteOverdue(run: Run, begun: BegunStep): boolean {
  if (!begun.isOverdue || run.draft.exit.cause === 'max-run-time') return begun.isOverdue;
  const message = `The task ran longer than its maximum of ${run.row.maxRunSeconds} s.`;
  run.draft.exit = { status: 'ERROR_SYSTEM', message, cause: 'max-run-time' };
  run.draft.log(LOG_LEVEL.ERROR, message, true);
  return true;
}

/** Without another word from its class: that is what cannot be trusted. The reaper stops its container. */
async function endUnfit(run: Run, { cause, message }: Unfit): Promise<StepEnd> {
  const { draft } = run;
  draft.exit = { status: 'ERROR_SYSTEM', message, cause };
  draft.log(LOG_LEVEL.ERROR, message, true);
  await save(run, { kind: 'complete' });
  return 'later';
}

/** The state that a failpoint belongs to. */
function placeOf({ draft: { position } }: Run): string {
  return position.entering?.state ?? position.state ?? 'the start';
}

async function save(run: Run, next: Next): Promise<void> {
  const { world, draft, fence } = run;
  await world.failpoint(`before-save-${next.kind}`, placeOf(run));
  const outcome = await saveStep(world.db, fence, { ...draft.toSave(), next });
  await world.failpoint(`after-save-${next.kind}`, placeOf(run));
  if (outcome.kind === 'fenced') throw new LeaveTask('fenced');
  draft.saved();
}
