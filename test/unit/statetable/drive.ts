import { decideStep } from '../../../controlplane/statetable/decide-step.ts';
import { UNSTARTED, type TableFailure, type Exit, type Position } from '../../../controlplane/statetable/position.ts';
import type { RecordedStep } from '../../../controlplane/statetable/recording.ts';
import type { Decision, Instruction, StepEvent } from '../../../controlplane/statetable/step.ts';
import type { StateTable } from '../../../controlplane/statetable/table.ts';

/** The methods of a task. A method fails by throwing. */
export interface Methods {
  readonly ask?: (state: string) => unknown;
  readonly enter?: (state: string, cause: TableFailure | null) => void;
}

export interface Driven {
  readonly position: Position;
  readonly entered: string[];
  readonly asked: string[];
  readonly causes: (TableFailure | null)[];
  readonly recording: RecordedStep[];
  readonly logLines: string[];
  readonly errors: string[];
  readonly waits: (number | 'keep')[];
  readonly complete: { readonly exit: Exit | null } | null;
}

export interface DriveOptions {
  readonly steps?: number;
  /** Number of the step, from 0, at which termination is requested. The request stays. */
  readonly terminateAt?: number;
  readonly position?: Position;
  readonly wake?: (step: number) => 'due' | 'early';
}

function report(
  call: () => unknown,
  done: (value: unknown) => StepEvent,
  threw: 'method-threw' | 'state-threw',
): StepEvent {
  try {
    return done(call());
  } catch (error) {
    return { kind: threw, message: (error as Error).message };
  }
}

function carryOut(instruction: Instruction, methods: Methods, driven: Driven): StepEvent | null {
  switch (instruction.kind) {
    case 'ask':
      driven.asked.push(instruction.state);
      return report(
        () => methods.ask?.(instruction.state),
        (value) => ({ kind: 'answered', value }),
        'method-threw',
      );
    case 'enter':
      driven.entered.push(instruction.state);
      driven.causes.push(instruction.cause);
      return report(
        () => methods.enter?.(instruction.state, instruction.cause),
        () => ({ kind: 'entered' }),
        'state-threw',
      );
    case 'wait':
      driven.waits.push(instruction.seconds);
      return null;
    case 'keep-waiting':
      driven.waits.push('keep');
      return null;
    default:
      return null;
  }
}

function note(driven: Driven, decision: Decision): void {
  if (decision.recorded) driven.recording.push(decision.recorded);
  if (decision.logLine) driven.logLines.push(decision.logLine);
  if (decision.error) driven.errors.push(decision.error.message);
}

/** Steps through a table until it completes or `steps` are over; the position goes through JSON at every call. */
export function drive(table: StateTable, methods: Methods = {}, options: DriveOptions = {}): Driven {
  let position = options.position ?? UNSTARTED;
  const driven: Driven = {
    position,
    entered: [],
    asked: [],
    causes: [],
    recording: [],
    logLines: [],
    errors: [],
    waits: [],
    complete: null,
  };
  for (let step = 0; step < (options.steps ?? 50); step += 1) {
    const terminateRequested = options.terminateAt !== undefined && step >= options.terminateAt;
    let event: StepEvent | null = { kind: 'begin', terminateRequested, wake: options.wake?.(step) ?? 'due' };
    while (event) {
      const decision = decideStep(table, JSON.parse(JSON.stringify(position)) as Position, event);
      position = decision.position;
      note(driven, decision);
      if (decision.instruction.kind === 'complete') return { ...driven, position, complete: decision.instruction };
      event = carryOut(decision.instruction, methods, driven);
    }
  }
  return { ...driven, position };
}
