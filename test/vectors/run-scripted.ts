import { NO_CONTEXTS } from '../../controlplane/statetable/contexts.ts';
import { decideStep } from '../../controlplane/statetable/decide-step.ts';
import { finalExit, withExit } from '../../controlplane/statetable/final-exit.ts';
import { UNSTARTED } from '../../controlplane/statetable/position.ts';
import { transcriptOf, type RecordedStep } from '../../controlplane/statetable/recording.ts';
import type { Decision, Instruction, StepEvent } from '../../controlplane/statetable/step.ts';
import { EMPTY_TRANSITION, findBlock, type StateTable } from '../../controlplane/statetable/table.ts';
import { messageOf } from '../../shared/model/error.ts';
import { countsByLine } from './counts-by-line.ts';
import type { ScriptedTask } from './scripted-task.ts';

export interface RunOptions {
  readonly maxSteps: number;
  /** Events before each step, by the number of the step. */
  readonly before: Readonly<Record<string, readonly string[]>>;
}

export interface Run {
  readonly outcome: 'finished' | 'maxSteps';
  readonly steps: Record<string, unknown>[];
  readonly final: Record<string, unknown>;
}

/** Drives decideStep as the engine does. In addition the position goes through JSON between any two calls. */
class Runner {
  readonly steps: Record<string, unknown>[] = [];
  recording: RecordedStep[] = [];
  private readonly table: StateTable;
  private readonly task: ScriptedTask;

  constructor(table: StateTable, task: ScriptedTask) {
    this.table = table;
    this.task = task;
  }

  /** True when the task is complete. */
  step(number: number, operations: readonly string[]): boolean {
    for (const operation of operations) this.operate(operation);
    this.task.events = [];
    let wait = 0;
    let event: StepEvent = { kind: 'begin', terminateRequested: this.task.terminateRequested, wake: 'due' };
    for (;;) {
      const decision: Decision = decideStep(this.table, JSON.parse(JSON.stringify(this.task.position)), event);
      this.task.position = decision.position;
      this.note(event, decision);
      if (decision.recorded) wait = decision.recorded.waitSeconds;
      const next = this.carryOut(decision.instruction);
      if (!next) {
        const complete = decision.instruction.kind === 'complete';
        this.endStep({ step: number, wait, complete });
        return complete;
      }
      event = next;
    }
  }

  private operate(operation: string): void {
    if (operation === 'terminate') this.task.terminateRequested = true;
    if (operation !== 'restart') return;
    this.task.position = { ...UNSTARTED, entry: this.task.position.entry };
    this.task.exit = { status: 'NOT_FINISHED', message: '' };
    this.task.contexts = NO_CONTEXTS;
    this.task.terminateRequested = false;
    this.recording = [];
  }

  private carryOut(instruction: Instruction): StepEvent | null {
    const { task } = this;
    switch (instruction.kind) {
      case 'ask':
        try {
          return { kind: 'answered', value: task.ask(instruction.state, instruction.method) };
        } catch (error) {
          return { kind: 'method-threw', message: messageOf(error) };
        }
      case 'enter':
        task.exit = withExit(task.exit, instruction.exit);
        try {
          task.enter(instruction.state);
          // When `terminate` is called before the start, the recorded engine does not count it as a state.
          if (task.position.entering?.way === 'terminate-unstarted') task.events.length = 0;
          return { kind: 'entered' };
        } catch (error) {
          return { kind: 'state-threw', message: messageOf(error) };
        }
      case 'complete':
        task.exit = finalExit(task.exit, instruction.exit);
        return null;
      default:
        return null;
    }
  }

  /** Traces the events that only the recorded engine has: emptyTransition, and entering without running. */
  private note(event: StepEvent, { position, recorded }: Decision): void {
    const from = position.entering?.from ?? recorded?.from ?? null;
    const value = position.entering?.value ?? recorded?.value ?? null;
    const method = from === null ? undefined : (findBlock(this.table, from)?.transitionMethod ?? EMPTY_TRANSITION);
    if (event.kind === 'begin' && method === EMPTY_TRANSITION && value === '') {
      this.task.events.push({ t: 'transition', state: from, method, value });
    }
    if (recorded) this.recording.push(recorded);
    if (recorded && !recorded.executed) this.task.events.push({ t: 'state', name: recorded.to, exec: false });
  }

  private endStep(what: { step: number; wait: number; complete: boolean }): void {
    const { events, exit, position } = this.task;
    const state = position.state;
    this.steps.push({ ...what, events, state, exitStatus: exit.status, exitMessage: exit.message });
  }
}

export function runScripted(
  table: StateTable,
  task: ScriptedTask,
  options: RunOptions,
): Run & { recording: RecordedStep[] } {
  const runner = new Runner(table, task);
  let isComplete = false;
  for (let step = 0; step < options.maxSteps && !isComplete; step += 1) {
    isComplete = runner.step(step, options.before[step] ?? []);
  }
  const { recording, steps } = runner;
  const final = {
    state: task.position.state,
    exitStatus: task.exit.status,
    exitMessage: task.exit.message,
    transitionCounts: countsByLine(table, task.position),
    transcript: transcriptOf(recording),
    transitionCount: recording.filter((step) => step.from !== null).length,
  };
  return { outcome: isComplete ? 'finished' : 'maxSteps', steps, final, recording };
}
