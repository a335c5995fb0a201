import { assertNever } from '../../../shared/model/assert-never.ts';
import { messageOf } from '../../../shared/model/error.ts';
import type { Decision, Instruction } from '../../statetable/step.ts';
import type { StepInput } from '../../store/tasks/begin-step.ts';
import type { SaveOutcome } from '../../store/tasks/save-step.ts';
import { LOG_LEVEL } from '../../tasks/context.ts';
import type { BasicWip } from '../../tasks/basic-wip.ts';
import { ClassAnswers } from '../../tasks/checks/class-answers.ts';
import { askClass } from '../ask-class.ts';
import { callInStep } from './call-in-step.ts';
import { callHook } from './task-hooks.ts';
import { addStatusReport } from './add-reports.ts';
import { decide, save, type Run } from './task-run.ts';
import type { OpenStep } from './step-context.ts';

// A method that exceeded its time limit is run again this many times for the same entry before it counts as failed.
const MAX_INTERRUPTIONS = 3;
const INTERRUPTED_WAIT_SECONDS = 5;

export interface Entered {
  readonly decision: Decision;
  /** Input of the next step when no signal can have arrived in between; null: read it from the database. */
  readonly nextInput: StepInput | null;
}

interface Entry {
  readonly step: OpenStep;
  readonly input: StepInput;
  readonly startedMs: number;
  readonly instruction: Instruction & { kind: 'enter' };
}

/** Enters a state. Returns null when the method ran out of its time: the task is released and the entry is repeated. */
export async function enterState(run: Run, entry: Entry): Promise<Entered | null> {
  const { draft, deps, wip } = run;
  const { step, startedMs } = entry;
  const { state, cause, exit } = entry.instruction;
  const isRepeated = draft.notes.tookOver === true;
  draft.applyExit(exit);
  // A repeated entry is committed already. Another save would reset its number of takeovers.
  const isSaved = isRepeated && run.row.entering === state;
  const consumed = new Set(draft.consumed);
  const { way } = draft.position.entering ?? {};
  if (way === 'start' && !isSaved) addStatusReport(run, 'running');
  const saved = isSaved ? null : await save(run, { kind: 'entering', state });
  const fails = (message: string): Entered => ({
    decision: decide(run, { kind: 'state-threw', message }, startedMs),
    nextInput: null,
  });
  const whyFailed = isRepeated ? whyNotAgain(wip, state) : null;
  if (whyFailed !== null) return fails(whyFailed);
  if (way === 'start') await callHook(run, step, 'onStart');
  if (way === 'terminate' || way === 'terminate-unstarted') await callHook(run, step, 'onTerminate');
  const outcome = await callInStep(run, step, { name: state, state, cause });
  await deps.failpoint('after-state', state);
  switch (outcome.kind) {
    case 'returned': {
      const isAlone = outcome.isAtOnce && (way === 'row' || way === 'error');
      const nextInput = saved && isAlone ? nextStepInput(entry.input, saved, consumed) : null;
      return { decision: decide(run, { kind: 'entered' }, startedMs), nextInput };
    }
    case 'threw':
      return fails(outcome.message);
    case 'interrupted': {
      const message = `The state "${state}" did not end within ${deps.methodSeconds} s.`;
      return (await isRunAgain(run, message)) ? null : fails(message);
    }
    default:
      return assertNever(outcome);
  }
}

/** Returns why an entry that was interrupted by a crash must not run again; null when it may. */
function whyNotAgain(wip: BasicWip, state: string): string | null {
  try {
    const question = { kind: wip.kind, member: 'interrupted', schema: ClassAnswers.shape.interrupted };
    const answer = askClass(question, () => wip.interrupted(state));
    return answer === 'fail' ? `The state "${state}" was interrupted by a crash.` : null;
  } catch (error) {
    return `The state "${state}" was interrupted by a crash. ${messageOf(error)}`;
  }
}

/**
 * Returns the input of a step that begins right after the save: the input of this step, unless the save says that a
 * signal has arrived. Valid only for a state that answered at once and had no hook before it: a method that waits
 * leaves time for signals, and may have caused them. The next save notices a signal that arrives later.
 */
function nextStepInput(
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
