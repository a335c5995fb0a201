import { answersUpTo } from './head-for-row.ts';
import type { TaskMethods } from './lint-methods.ts';
import { answersByState } from './simulate-random.ts';
import type { SimulatedMethods, Simulation, SimulationLimits } from './simulate.ts';
import { scriptedMethods, simulate } from './simulate.ts';
import { scriptOf, type SimulationScript } from './simulation-script.ts';
import { ERROR_VALUE, findBlock, rowFor, type StateTable } from './table.ts';

export interface ShrinkOptions extends SimulationLimits {
  /** Returns whether a run still shows the problem. */
  readonly keepsFault: (simulation: Simulation) => boolean;
  readonly exitAfter: SimulatedMethods['exitAfter'];
  /** The answers that transition methods can give, as for random runs. */
  readonly methods?: TaskMethods['methods'];
}

// Each attempt walks the table once. Long runs lose most of their answers in the first ten attempts, and the last ones
// within a few hundred (ours, by trial).
const MAX_ATTEMPTS = 500;

/** Tries scripts until its attempts are used up, and keeps the shortest one that still shows the problem. */
class Shrinker {
  best: SimulationScript | null = null;
  private attempts = 0;
  private readonly table: StateTable;
  private readonly options: ShrinkOptions;

  constructor(table: StateTable, options: ShrinkOptions) {
    this.table = table;
    this.options = options;
  }

  accepts(script: SimulationScript): boolean {
    if (this.attempts >= MAX_ATTEMPTS || script.size === 0) return false;
    this.attempts += 1;
    const methods = { ...scriptedMethods(script), exitAfter: this.options.exitAfter };
    if (!this.options.keepsFault(simulate(this.table, methods, this.options))) return false;
    this.best = script;
    return true;
  }
}

function withAnswers(script: SimulationScript, state: string, values: readonly string[] | null): SimulationScript {
  const changed = new Map(script);
  if (values) changed.set(state, values);
  else changed.delete(state);
  return changed;
}

/** Removes answers of one state: half of them at a time, then a quarter, down to single ones. */
function shortenState(shrinker: Shrinker, state: string): boolean {
  const valuesOf = (): readonly string[] => shrinker.best!.get(state) ?? [];
  let isShorter = shrinker.accepts(withAnswers(shrinker.best!, state, null));
  if (isShorter) return true;
  if (valuesOf().length > 1) isShorter = shrinker.accepts(withAnswers(shrinker.best!, state, valuesOf().slice(-1)));
  for (let size = Math.ceil(valuesOf().length / 2); size >= 1 && valuesOf().length > 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < valuesOf().length && valuesOf().length > 1;) {
      const rest = valuesOf().filter((_value, index) => index < at || index >= at + size);
      if (rest.length > 0 && shrinker.accepts(withAnswers(shrinker.best!, state, rest))) isShorter = true;
      else at += size;
    }
  }
  return isShorter;
}

function shorten(shrinker: Shrinker): void {
  for (let isShorter = true; isShorter;) {
    const states = [...shrinker.best!.keys()];
    isShorter = states.map((state) => shortenState(shrinker, state)).includes(true);
  }
}

function lengthOf(script: SimulationScript): number {
  return [...script.values()].reduce((sum, values) => sum + values.length, 0);
}

/**
 * Tries the shortest path to the state in which the run went wrong, which may differ from the path it took. In that
 * state the answers stay.
 */
function straightWay(
  table: StateTable,
  run: Simulation,
  found: SimulationScript,
  methods: TaskMethods['methods'] | undefined,
): SimulationScript | null {
  const goal = run.uncaught?.state ?? run.state;
  if (goal === null || table.startState === null) return null;
  const towards = answersUpTo(table, goal, '', answersByState(table, methods));
  const script = new Map<string, readonly string[]>();
  for (let state = table.startState; state !== goal;) {
    const value = towards.get(state);
    const row = value === undefined ? undefined : rowFor(findBlock(table, state), value);
    if (value === undefined || !row) return null;
    script.set(state, [value]);
    state = row.target;
  }
  return script.set(goal, found.get(goal) ?? []);
}

/** Translates errors that states threw in the run: in a script they are the answer `!` of the state being left. */
function withErrorsAnswered({ recording }: Simulation): SimulationScript {
  return scriptOf(recording.map((step) => (step.way === 'error' ? { ...step, value: ERROR_VALUE } : step)));
}

/**
 * Returns the shortest script found that shows the problem of the run. Null where no script can show it: a script holds
 * answers, but no requests to terminate and no errors that follow errors.
 */
export function shrinkRun(table: StateTable, run: Simulation, options: ShrinkOptions): SimulationScript | null {
  const shrinker = new Shrinker(table, options);
  if (!shrinker.accepts(scriptOf(run.recording)) && !shrinker.accepts(withErrorsAnswered(run))) return null;
  shorten(shrinker);
  const straight = straightWay(table, run, shrinker.best!, options.methods);
  if (straight && lengthOf(straight) < lengthOf(shrinker.best!) && shrinker.accepts(straight)) shorten(shrinker);
  return shrinker.best;
}
