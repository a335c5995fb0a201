import {
  ERROR_VALUE,
  FAILURE,
  findBlock,
  findRow,
  TERMINATE,
  type StateTable,
} from '../../../controlplane/statetable/table.ts';
import type { BasicWip } from '../../../controlplane/tasks/basic-wip.ts';
import type { WipClass } from '../../../controlplane/tasks/wip-class.ts';
import type { WipContext } from '../../../controlplane/tasks/context.ts';
import type { ParsedScript } from '../script.ts';
import type { SimulatedRun } from '../simulated-run.ts';

type Recording = NonNullable<ParsedScript['replay']>;
type RecordedAnswer = Recording['steps'][number];
type Method = (context: WipContext, cause?: unknown) => unknown;
type Methods = Record<string, Method>;

const TERMINATE_REQUESTED = 'terminateRequested';
/** The answer of a state whose container has ended. */
const TERMINATED = 'terminated';

export interface ReplayedWorld {
  /** Number of steps in the record of the task. */
  savedSteps(): number;
  /** Requests the termination of the task. */
  terminate(): void;
}

/** Leads a task along a recording: its methods run for what they set, and the recorded values decide. */
export class Replay {
  readonly #recording: Recording;
  readonly #table: StateTable;
  readonly #world: ReplayedWorld;
  /** Steps that were taken and not saved yet. */
  #pending = 0;
  /** Methods call each other; only the one that the engine calls is answered for. */
  #depth = 0;

  constructor(recording: Recording, table: StateTable, world: ReplayedWorld) {
    this.#recording = recording;
    this.#table = table;
    this.#world = world;
  }

  /** Returns the class with methods that follow the recording. */
  follow(wip: WipClass): WipClass {
    return { ...wip, create: (task) => this.#direct(wip.create(task)) };
  }

  /** Called after each save. */
  saved(): void {
    this.#pending = 0;
    this.#terminateIfRecorded();
  }

  #terminateIfRecorded(): void {
    const next = this.#recording.steps[this.#world.savedSteps() + this.#pending];
    // A task that was terminated before its start has no state that the request led out of.
    const isTermination = next?.value === TERMINATE_REQUESTED || (next?.from === null && next.to === TERMINATE);
    if (isTermination) this.#world.terminate();
  }

  #direct(wip: BasicWip): BasicWip {
    const methods = wip as unknown as Methods;
    for (const { name, transitionMethod } of this.#table.states) {
      this.#replace(methods, transitionMethod, (original, context) => this.#answer(original, context));
      this.#replace(methods, name, (original, context) => this.#enter(original, context));
    }
    return wip;
  }

  #replace(methods: Methods, name: string, instead: (original: () => unknown, context: WipContext) => unknown): void {
    const original = methods[name];
    if (typeof original !== 'function' || Object.hasOwn(methods, name)) return;
    const replay = (context: WipContext, cause?: unknown): unknown => {
      const call = (): unknown => original.call(methods, context, cause);
      return this.#depth > 0 ? call() : instead(call, context);
    };
    Object.defineProperty(methods, name, { value: replay });
  }

  async #answer(original: () => unknown, context: WipContext): Promise<unknown> {
    const own = await this.#run(original);
    const next = this.#next(context.state);
    if (next) {
      if (own.error !== null && next.value !== ERROR_VALUE) this.#exitAsRecorded(context);
      return next.value ?? own.value;
    }
    if (own.error !== null) throw own.error;
    return own.value;
  }

  async #enter(original: () => unknown, context: WipContext): Promise<void> {
    const { state } = context;
    const next = this.#recording.steps[this.#world.savedSteps() + this.#pending];
    const own = await this.#run(original);
    if (next && this.#isFailureOf(state, next)) throw own.error ?? new Error(`${state} failed in the recording`);
    // What the recording has after this state came about, so an error here is one of the simulated world.
    if (next && own.error !== null && next.to !== state) throw own.error;
    // Why a container ended is in the recording; what is simulated may end otherwise, or be known later.
    const isAfterContainer = next?.value === TERMINATED && next.to === state;
    if (next && (own.error !== null || isAfterContainer)) this.#exitAsRecorded(context);
    this.#pending += 1;
    this.#terminateIfRecorded();
  }

  /** The exit that a method would have set is not known if it could not do its part in the simulated world. */
  #exitAsRecorded(context: WipContext): void {
    const { exit } = this.#recording;
    if (!exit || exit.status === 'NOT_FINISHED') return;
    context.exit(exit.status, exit.message ?? '', exit.cause ? { cause: exit.cause } : {});
  }

  /** Whether the recording went along `!` instead of arriving in the state that is entered. */
  #isFailureOf(state: string, { from, to }: RecordedAnswer): boolean {
    if (to === state) return false;
    const left = from === null ? undefined : findBlock(this.#table, from);
    return to === (findRow(left, ERROR_VALUE)?.target ?? FAILURE) || to === FAILURE;
  }

  #next(state: string): RecordedAnswer | undefined {
    const at = this.#world.savedSteps() + this.#pending;
    // A row with exec=false and no wait is taken without a save.
    return [at, at + 1].map((index) => this.#recording.steps[index]).find((step) => step?.from === state);
  }

  async #run(original: () => unknown): Promise<{ value: unknown; error: Error | null }> {
    this.#depth += 1;
    try {
      return { value: await original(), error: null };
    } catch (error) {
      return { value: ERROR_VALUE, error: error instanceof Error ? error : new Error(String(error)) };
    } finally {
      this.#depth -= 1;
    }
  }
}

/** Returns the first difference between a recording and the run that followed it; null: there is none. */
export function replayDifference(recording: Recording, run: SimulatedRun): string | null {
  const difference = stepDifference(recording, run) ?? endDifference(recording, run);
  const { kind = run.kind } = recording;
  if (difference === null || kind === run.kind) return difference;
  return `${difference}; the recording is of a task of the kind ${kind}, and this class is ${run.kind}`;
}

function stepDifference({ steps }: Recording, run: SimulatedRun): string | null {
  const length = Math.max(steps.length, run.steps.length);
  for (let index = 0; index < length; index += 1) {
    const [recorded, taken] = [steps[index], run.steps[index]];
    if (!recorded) return `the recording ends after step ${index}, and the class goes on with ${textOf(taken!)}`;
    if (!taken) return `step ${index + 1} of the recording is ${textOf(recorded)}, and the class has ended before it`;
    if (textOf(recorded) === textOf(taken)) continue;
    return `step ${index + 1} of the recording is ${textOf(recorded)}, and the class goes ${textOf(taken)}`;
  }
  return null;
}

function endDifference({ exit }: Recording, run: SimulatedRun): string | null {
  if (!exit || exit.status === run.exit.status) return null;
  return `the recording ended as ${exit.status} (${exit.message ?? 'without a message'}), and the class ends as ${run.exit.status}: ${run.exit.message}`;
}

function textOf(step: RecordedAnswer): string {
  const target = step.executed ? step.to : `[${step.to}]`;
  return step.from === null ? target : `${step.from} => '${step.value ?? ''}' => ${target}`;
}
