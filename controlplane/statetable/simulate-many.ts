import type { Goal } from './head-for-row.ts';
import { seededRandom } from './seeded-random.ts';
import { shrinkRun } from './shrink-run.ts';
import { exitOfAnyTask, simulateRandomly, type RandomOptions } from './simulate-random.ts';
import type { Simulation } from './simulate.ts';
import { printScript } from './simulation-script.ts';
import type { StateTable } from './table.ts';

/** A problem of the table that runs have shown: they never end, or they end in an error that no method threw. */
interface RunFault {
  /** The kind of problem, such as `step-limit in poll`, or the message of the error. */
  readonly what: string;
  readonly runs: number;
  /** The seed of the first run that showed the problem. */
  readonly seed: number;
  /** The shortest script found that shows the problem; null where no script does. */
  readonly script: string | null;
}

/** The result of many random runs of one table. */
export interface RandomReport {
  readonly runs: number;
  readonly seed: number;
  /** How often each end occurred: `COMPLETED`, `ERROR_SYSTEM`, …, or `step-limit in poll` for runs without an end. */
  readonly ends: Readonly<Record<string, number>>;
  readonly seconds: { readonly min: number; readonly median: number; readonly p95: number; readonly max: number };
  readonly visits: Readonly<Record<string, number>>;
  /** The number of runs that entered each state. */
  readonly entered: Readonly<Record<string, number>>;
  /** Rows that no run took, each as `state value`. */
  readonly rowsNeverTaken: readonly string[];
  readonly rowCount: number;
  readonly statesNeverVisited: readonly string[];
  readonly secondsByTimer: Readonly<Record<string, number>>;
  readonly faults: readonly RunFault[];
}

class Tally {
  private readonly counts = new Map<string, number>();

  add(key: string, count = 1): void {
    this.counts.set(key, (this.counts.get(key) ?? 0) + count);
  }

  has(key: string): boolean {
    return this.counts.has(key);
  }

  /** The counts in descending order, so that the ends of a table read from the most to the least frequent. */
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

/** Returns the rows that a simulation took, read from its counters. */
function tallyRows(rows: Tally, { position }: Simulation): void {
  for (const [state, counts] of Object.entries(position.counters)) {
    for (const value of Object.keys(counts)) rows.add(`${state} ${value}`);
  }
}

/**
 * Returns the table's own problem in a run; null for a run that ended, be it well or by an error that a method threw.
 */
function faultOf(simulation: Simulation): string | null {
  if (simulation.outcome !== 'finished') return endOf(simulation);
  const { uncaught } = simulation;
  return uncaught?.kind === 'no-row' || uncaught?.kind === 'max-exceeded' ? uncaught.message : null;
}

interface SeenFault {
  readonly seed: number;
  readonly first: Simulation;
  runs: number;
}

/** The results of the runs so far. Only counts are kept, so memory does not grow with the number of runs. */
class Findings {
  readonly ends = new Tally();
  readonly visits = new Tally();
  readonly entered = new Tally();
  readonly rows = new Tally();
  readonly timers = new Tally();
  readonly seconds: number[] = [];
  readonly faults = new Map<string, SeenFault>();

  add(simulation: Simulation, seed: number): void {
    this.ends.add(endOf(simulation));
    this.seconds.push(simulation.seconds);
    for (const step of simulation.recording) this.visits.add(step.to);
    for (const state of new Set(simulation.recording.map(({ to }) => to))) this.entered.add(state);
    for (const [timer, seconds] of Object.entries(simulation.secondsByTimer)) this.timers.add(timer, seconds);
    tallyRows(this.rows, simulation);
    const fault = faultOf(simulation);
    if (fault === null) return;
    const seen = this.faults.get(fault) ?? { seed, first: simulation, runs: 0 };
    seen.runs += 1;
    this.faults.set(fault, seen);
  }
}

function describeFaults(table: StateTable, options: RandomOptions, { faults }: Findings): RunFault[] {
  return [...faults].map(([what, { seed, first, runs }]) => {
    const keepsFault = (simulation: Simulation): boolean => faultOf(simulation) === what;
    const script = shrinkRun(table, first, { ...options, keepsFault, exitAfter: exitOfAnyTask });
    return { what, runs, seed, script: script && printScript(script) };
  });
}

function durationsOf(seconds: readonly number[]): RandomReport['seconds'] {
  const sorted = seconds.toSorted((a, b) => a - b);
  const [min, max] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  return { min, median: percentile(sorted, 0.5), p95: percentile(sorted, 0.95), max };
}

// Runs head for one row this often before it is left to chance. Several tries are needed, because a `max` may be used
// up on the way.
const TRIES_PER_ROW = 5;
const NOTHING_FAILS = { errorRatio: 0, terminateRatio: 0 };

/** Yields the rows to head for: those that no run has taken yet, in table order, each a few times. */
class Goals {
  private readonly waiting: { readonly goal: Goal; tries: number }[];

  constructor(table: StateTable) {
    const rows = table.states.flatMap((block) => block.transitions.map((row) => ({ state: block.name, row })));
    this.waiting = rows.map((goal) => ({ goal, tries: 0 }));
  }

  next(rows: Tally): Goal | undefined {
    for (let first = this.waiting[0]; first; first = this.waiting[0]) {
      const { state, row } = first.goal;
      if (first.tries < TRIES_PER_ROW && !rows.has(`${state} ${row.value}`)) {
        first.tries += 1;
        return first.goal;
      }
      this.waiting.shift();
    }
    return undefined;
  }
}

/**
 * Chooses the kind of a run. Of three runs, the first heads for a row that no run has taken yet, while there is one. In
 * the second nothing fails and nobody terminates, which shows a table that ends only by a failure. The third is random.
 */
function kindOfRun(run: number, goals: Goals, rows: Tally): Partial<RandomOptions> {
  if (run % 3 === 1) return NOTHING_FAILS;
  const goal = run % 3 === 0 ? goals.next(rows) : undefined;
  return goal ? { goal, ...NOTHING_FAILS } : {};
}

/** Runs a table `runs` times, each time with its own seed, derived from `seed`. */
export function simulateMany(table: StateTable, options: RandomOptions & { readonly runs: number }): RandomReport {
  const found = new Findings();
  const goals = new Goals(table);
  const seeds = seededRandom(options.seed);
  for (let run = 0; run < options.runs; run += 1) {
    const seed = Math.floor(seeds() * 2 ** 32);
    found.add(simulateRandomly(table, { ...kindOfRun(run, goals, found.rows), ...options, seed }), seed);
  }
  const rows = table.states.flatMap((block) => block.transitions.map((row) => `${block.name} ${row.value}`));
  return {
    runs: options.runs,
    seed: options.seed,
    ends: found.ends.toRecord(),
    seconds: durationsOf(found.seconds),
    visits: found.visits.toRecord(),
    entered: found.entered.toRecord(),
    rowsNeverTaken: rows.filter((row) => !found.rows.has(row)),
    rowCount: rows.length,
    statesNeverVisited: table.states.map((block) => block.name).filter((state) => !found.visits.has(state)),
    secondsByTimer: found.timers.toRecord(),
    faults: describeFaults(table, options, found),
  };
}
