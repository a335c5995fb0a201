import type { TaskExit } from './final-exit.ts';
import { seededRandom, type Random } from './seeded-random.ts';
import { simulate, type SimulatedMethods, type Simulation, type SimulationLimits } from './simulate.ts';
import { ANY_VALUE, ERROR_VALUE, FAILURE, FINISH, TERMINATE, type StateTable } from './table.ts';

export interface RandomOptions extends SimulationLimits {
  readonly seed: number;
  /** How often a method fails, 0 to 1; every twentieth time finds the rows for errors without drowning the others. */
  readonly errorRatio?: number;
  /** How often a step begins with a request to terminate, 0 to 1. */
  readonly terminateRatio?: number;
}

const DEFAULT_ERROR_RATIO = 0.05;
// About one run in ten of a table with twenty steps: enough to see the way of a termination among the others.
const DEFAULT_TERMINATE_RATIO = 0.005;
// What an answer that only `*` covers looks like in a transcript.
const SOMETHING_ELSE = 'other';
// A state method of these that throws ends the task: true, but it says nothing about the table.
const NEVER_THROWS = new Set([FAILURE, FINISH, TERMINATE]);

/** What `failure` and `terminate` of every task do. */
function exitOfAnyTask(state: string, { status, message }: TaskExit): TaskExit {
  if (state === TERMINATE) return { status: 'TERMINATED', message };
  if (state !== FAILURE || status !== 'NOT_FINISHED') return { status, message };
  return { status: 'ERROR_SYSTEM', message: message === '' ? 'Failed to complete the task.' : message };
}

/** Each answer that a row covers comes as often as any other; failures come at `errorRatio`. */
export function randomMethods(
  table: StateTable,
  random: Random,
  options: Pick<RandomOptions, 'errorRatio' | 'terminateRatio'> = {},
): SimulatedMethods {
  const { errorRatio = DEFAULT_ERROR_RATIO, terminateRatio = DEFAULT_TERMINATE_RATIO } = options;
  const answers = new Map(
    table.states.map((block) => {
      const values = block.transitions.map((row) => row.value).filter((value) => value !== ERROR_VALUE);
      return [block.name, values.map((value) => (value === ANY_VALUE ? SOMETHING_ELSE : value))] as const;
    }),
  );
  return {
    knows: () => true,
    exitAfter: exitOfAnyTask,
    terminates: () => random() < terminateRatio,
    throws: (state) => !NEVER_THROWS.has(state) && random() < errorRatio,
    answer: (state) => {
      const values = answers.get(state) ?? [];
      if (values.length === 0 || random() < errorRatio) return ERROR_VALUE;
      return values[Math.floor(random() * values.length)]!;
    },
  };
}

export function simulateRandomly(table: StateTable, options: RandomOptions): Simulation {
  return simulate(table, randomMethods(table, seededRandom(options.seed), options), options);
}

/** What many random runs of one table have shown. */
export interface RandomReport {
  readonly runs: number;
  readonly seed: number;
  /** How often which end came: `COMPLETED`, `ERROR_SYSTEM`, or `step-limit in poll` where there was none. */
  readonly ends: Readonly<Record<string, number>>;
  readonly seconds: { readonly min: number; readonly median: number; readonly p95: number; readonly max: number };
  readonly visits: Readonly<Record<string, number>>;
  /** Rows that no run took, as `state value`. */
  readonly rowsNeverTaken: readonly string[];
  readonly rowCount: number;
  readonly statesNeverVisited: readonly string[];
  readonly secondsByTimer: Readonly<Record<string, number>>;
}

class Tally {
  private readonly counts = new Map<string, number>();

  add(key: string, count = 1): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + count);
  }

  has(key: string): boolean {
    return this.counts.has(key);
  }

  /** Highest first, so that the ends of a table read from the most to the least frequent. */
  toRecord(): Record<string, number> {
    return Object.fromEntries([...this.counts].sort(([, a], [, b]) => b - a));
  }
}

function percentile(sorted: readonly number[], ratio: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? 0;
}

function endOf({ outcome, exit, state }: Simulation): string {
  return outcome === 'finished' ? exit.status : `${outcome} in ${state}`;
}

/** The rows a simulation took, by its counters. */
function tallyRows(rows: Tally, { position }: Simulation): void {
  for (const [state, counts] of Object.entries(position.counters)) {
    for (const value of Object.keys(counts)) rows.add(`${state} ${value}`);
  }
}

/** Runs a table `runs` times, each with a seed of its own that follows from `seed`. */
export function simulateMany(table: StateTable, options: RandomOptions & { readonly runs: number }): RandomReport {
  const [ends, visits, rows, timers] = [new Tally(), new Tally(), new Tally(), new Tally()];
  const durations: number[] = [];
  const seeds = seededRandom(options.seed);
  for (let run = 0; run < options.runs; run += 1) {
    const simulation = simulateRandomly(table, { ...options, seed: Math.floor(seeds() * 2 ** 32) });
    ends.add(endOf(simulation));
    durations.push(simulation.seconds);
    for (const step of simulation.recording) visits.add(step.to);
    for (const [timer, seconds] of Object.entries(simulation.secondsByTimer)) timers.add(timer, seconds);
    tallyRows(rows, simulation);
  }
  durations.sort((a, b) => a - b);
  const allRows = table.states.flatMap((block) => block.transitions.map((row) => `${block.name} ${row.value}`));
  return {
    runs: options.runs,
    seed: options.seed,
    ends: ends.toRecord(),
    seconds: {
      min: durations[0] ?? 0,
      median: percentile(durations, 0.5),
      p95: percentile(durations, 0.95),
      max: durations.at(-1) ?? 0,
    },
    visits: visits.toRecord(),
    rowsNeverTaken: allRows.filter((row) => !rows.has(row)),
    rowCount: allRows.length,
    statesNeverVisited: table.states.map((block) => block.name).filter((state) => !visits.has(state)),
    secondsByTimer: timers.toRecord(),
  };
}
