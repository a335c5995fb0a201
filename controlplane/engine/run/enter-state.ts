import { assertNever } from '../../../shared/model/assert-never.ts';
import type { Decision, Instruction } from '../../statetable/step.ts';
import type { StepInput } from '../../store/tasks/begin-step.ts';
import type { SaveOutcome } from '../../store/tasks/save-step.ts';
import { LOG_LEVEL } from '../../tasks/context.ts';
import { callHook, type Hook } from './call-hook.ts';
import { callMethod } from './call-method.ts';
import type { Run } from './open-step.ts';
import { decide, save } from './progress.ts';
import { StepContext, type OpenStep } from './step-context.ts';

// A method that ran out of its time is run again for this entry so often before it counts as failed (engine.md 3).
const MAX_INTERRUPTIONS = 3;
const INTERRUPTED_WAIT_SECONDS = 5;

export interface Entered {
  readonly decision: Decision;
  /** With what the next step begins, if nothing can have happened since; null: look. */
  readonly onward: StepInput | null;
}

interface Entry {
  readonly step: OpenStep;
  readonly input: StepInput;
  readonly startedMs: number;
  readonly instruction: Instruction & { kind: 'enter' };
}

/** Null: the entry was interrupted and will be repeated, the task is let go. */
export async function enterState(run: Run, entry: Entry): Promise<Entered | null> {
  const { draft, deps, wip } = run;
  const { step, startedMs } = entry;
  const { state, cause, exit } = entry.instruction;
  const isRepeated = draft.notes.tookOver === true;
  draft.applyExit(exit);
  // A repeated entry is committed already; saving it again would forget how often it was taken over.
  const isSaved = isRepeated && run.row.entering === state;
  const consumed = new Set(draft.consumed);
  const saved = isSaved ? null : await save(run, { kind: 'entering', state });
  const fails = (message: string): Entered => ({
    decision: decide(run, { kind: 'state-threw', message }, startedMs),
    onward: null,
  });
  if (isRepeated && wip.interrupted(state) === 'fail') return fails(`The state "${state}" was interrupted by a crash.`);
  const { way } = draft.position.entering ?? {};
  if (way === 'start') await hook(run, step, 'onStart');
  if (way === 'terminate' || way === 'terminate-unstarted') await hook(run, step, 'onTerminate');
  const context = (signal: AbortSignal): StepContext => new StepContext(step, state, signal);
  const outcome = await callMethod(deps, wip, { name: state, stop: run.stop, context, cause });
  await deps.failpoint('after-state', state);
  switch (outcome.kind) {
    case 'returned': {
      const isAlone = outcome.isAtOnce && (way === 'row' || way === 'error');
      const onward = saved && isAlone ? goesOn(entry.input, saved, consumed) : null;
      return { decision: decide(run, { kind: 'entered' }, startedMs), onward };
    }
    case 'threw':
      return fails(outcome.message);
    case 'interrupted': {
      const message = `The state "${state}" was not through after ${deps.methodSeconds} s.`;
      return (await isRunAgain(run, message)) ? null : fails(message);
    }
    default:
      return assertNever(outcome);
  }
}

/**
 * What the next step would find that begins when this one has just been saved: the same, unless the save says that
 * something has come. Only for a state that answered at once and had no hook before it: what has waited for anything
 * leaves time for more, and may have caused it. Whatever comes later is noticed at the next save, as it would be after any look.
 */
function goesOn(
  input: StepInput,
  saved: SaveOutcome & { kind: 'saved' },
  consumed: ReadonlySet<number>,
): StepInput | null {
  if (saved.hasNews) return null;
  const { now, isOverdue } = saved;
  return { ...input, now, isOverdue, inbox: input.inbox.filter(({ id }) => !consumed.has(id)) };
}

async function isRunAgain(run: Run, message: string): Promise<boolean> {
  const { draft, deps } = run;
  const interruptions = (draft.notes.interruptions ?? 0) + 1;
  if (interruptions >= MAX_INTERRUPTIONS) return false;
  draft.notes = { ...draft.notes, interruptions };
  draft.log(LOG_LEVEL.WARN, `${message} It is run again (${interruptions} of ${MAX_INTERRUPTIONS}).`, false);
  await save(run, {
    kind: 'wait',
    seconds: INTERRUPTED_WAIT_SECONDS * interruptions,
    isCutBySignals: false,
    waitsFor: `a method took longer than it may (${deps.methodSeconds} s) and is run again`,
  });
  return true;
}

export function hook(run: Run, step: OpenStep, name: Hook): Promise<void> {
  return callHook(run.deps, run.wip, name, { step, stop: run.stop });
}
