import { decideStep } from './decide-step.ts';
import { finalExit, withExit, type TaskExit } from './final-exit.ts';
import { UNSTARTED, type TableFailure, type Position } from './position.ts';
import type { RecordedStep } from './recording.ts';
import type { SimulationScript } from './simulation-script.ts';
import type { Decision, Instruction, StepEvent } from './step.ts';
import { timerOf, type StateTable } from './table.ts';

/** The substitute for a task's methods. */
export interface SimulatedMethods {
  /** Returns the answer of the transition method of `state`. */
  readonly answer: (state: string) => string;
  /** Returns false for a state without an answer, at which the simulation stops. */
  readonly knows: (state: string) => boolean;
  /** Returns whether the method of `state` throws this time. */
  readonly throws: (state: string) => boolean;
  /** Returns whether somebody terminates the task before this step. */
  readonly terminates: () => boolean;
  /** Returns the exit after the method of `state` has run, from the exit before it. */
  readonly exitAfter: (state: string, exit: TaskExit) => TaskExit;
}

export interface SimulationLimits {
  readonly maxSteps: number;
  /** The longest run in virtual seconds; no limit when absent. */
  readonly maxSeconds?: number;
}

export interface SimulatedStep extends RecordedStep {
  /** The virtual time since the start at which the state was entered. */
  readonly atSeconds: number;
  readonly logLine: string | null;
  /** The exit that methods have set until the end. */
  readonly exit: TaskExit;
}

export interface Simulation {
  readonly outcome: 'finished' | 'step-limit' | 'time-limit' | 'no-answer';
  /** The last state; for `no-answer` the state for which the script has no answer. */
  readonly state: string | null;
  readonly exit: TaskExit;
  /** The unhandled error that ended the task. */
  readonly uncaught: TableFailure | null;
  readonly seconds: number;
  readonly secondsByTimer: Readonly<Record<string, number>>;
  readonly recording: readonly SimulatedStep[];
  readonly position: Position;
}

/** A task in virtual time: a table and a script instead of methods. */
class VirtualTask {
  position: Position = UNSTARTED;
  exit: TaskExit = { status: 'NOT_FINISHED', message: '' };
  uncaught: TableFailure | null = null;
  seconds = 0;
  readonly recording: SimulatedStep[] = [];
  readonly secondsByTimer = new Map<string, number>();
  private readonly table: StateTable;
  private readonly methods: SimulatedMethods;

  constructor(table: StateTable, methods: SimulatedMethods) {
    this.table = table;
    this.methods = methods;
  }

  /** Runs one step and the wait after it. */
  step(): 'complete' | 'waiting' {
    let event: StepEvent = { kind: 'begin', terminateRequested: this.methods.terminates(), wake: 'due' };
    for (;;) {
      const decision = decideStep(this.table, this.position, event);
      this.position = decision.position;
      if (decision.instruction.kind === 'complete') this.uncaught = decision.error;
      this.record(decision);
      const next = this.carryOut(decision.instruction);
      if (typeof next === 'string') return next;
      event = next;
    }
  }

  private record({ recorded, logLine }: Decision): void {
    if (recorded) this.recording.push({ ...recorded, logLine, atSeconds: this.seconds, exit: this.exit });
  }

  private carryOut(instruction: Instruction): StepEvent | 'complete' | 'waiting' {
    switch (instruction.kind) {
      case 'ask':
        return { kind: 'answered', value: this.methods.answer(instruction.state) };
      case 'enter':
        this.exit = withExit(this.exit, instruction.exit);
        if (this.methods.throws(instruction.state)) {
          return { kind: 'state-threw', message: `${instruction.state} was made to throw` };
        }
        this.exit = this.methods.exitAfter(instruction.state, this.exit);
        return { kind: 'entered' };
      case 'wait':
        this.wait(instruction.seconds);
        return 'waiting';
      case 'keep-waiting':
        return 'waiting';
      case 'complete':
        this.exit = finalExit(this.exit, instruction.exit);
        return 'complete';
    }
  }

  private wait(seconds: number): void {
    const timer = timerOf(this.table, this.position.state);
    this.seconds += seconds;
    this.secondsByTimer.set(timer, (this.secondsByTimer.get(timer) ?? 0) + seconds);
  }
}

/** Simulates a table in virtual time: waits take no real time. */
export function simulate(table: StateTable, methods: SimulatedMethods, limits: SimulationLimits): Simulation {
  const task = new VirtualTask(table, methods);
  const ended = (outcome: Simulation['outcome']): Simulation => ({
    outcome,
    state: task.position.state,
    exit: task.exit,
    uncaught: task.uncaught,
    seconds: task.seconds,
    secondsByTimer: Object.fromEntries(task.secondsByTimer),
    recording: task.recording,
    position: task.position,
  });
  for (let step = 0; step < limits.maxSteps; step += 1) {
    const { state } = task.position;
    if (state !== null && !methods.knows(state)) return ended('no-answer');
    if (task.step() === 'complete') return ended('finished');
    if (limits.maxSeconds !== undefined && task.seconds > limits.maxSeconds) return ended('time-limit');
  }
  return ended('step-limit');
}

/**
 * Answers from a script; methods do not run. A state without a block in the script ends the simulation, and `failure`
 * sets no exit.
 */
export function scriptedMethods(script: SimulationScript): SimulatedMethods {
  const asked = new Map<string, number>();
  return {
    knows: (state) => script.has(state),
    throws: () => false,
    terminates: () => false,
    exitAfter: (_state, exit) => exit,
    answer: (state) => {
      const values = script.get(state) ?? [];
      const call = asked.get(state) ?? 0;
      asked.set(state, call + 1);
      return values[Math.min(call, values.length - 1)] ?? '';
    },
  };
}
