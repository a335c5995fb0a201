import { seededRandom } from '../../controlplane/statetable/seeded-random.ts';
import { parsedTable } from '../../controlplane/statetable/parsed-table.ts';
import type { StateTable } from '../../controlplane/statetable/table.ts';
import type { WipClass } from '../../controlplane/tasks/basic-wip.ts';
import { messageOf } from '../../shared/model/error.ts';
import { RunAssertionError } from './assertions.ts';
import { manyTable, type ManyEnd, type ManyRuns } from './many-table.ts';
import { Model, type ParsedModel } from './model.ts';
import { joinScripts, randomScript } from './random-script.ts';
import type { TaskScript } from './script.ts';
import { shrinkScript } from './shrink-script.ts';
import { simulateScript, type OptionsGiven, type ScriptFor, type SimulatedWorld } from './simulate-task.ts';
import type { SimulatedRun } from './simulated-run.ts';

export interface ManyOptions {
  readonly runs: number;
  /** The same seed gives the same runs. */
  readonly seed?: number;
  /** Probabilities; those left out have the defaults of `Model`. */
  readonly model?: Model;
  readonly world?: SimulatedWorld;
  /** Looks at each run: one for which this returns false or throws is a failure, and is shrunk. */
  readonly holds?: (run: SimulatedRun) => boolean | void;
}

export type ManyFor<O extends object, Given> = ManyOptions &
  (Partial<OptionsGiven<O, Given>> extends OptionsGiven<O, Given>
    ? { readonly script?: ScriptFor<O, Given> }
    : { /** Holds in every run; the model says the rest. */ readonly script: ScriptFor<O, Given> });

interface Ended {
  runs: number;
  readonly seconds: number[];
  readonly seed: number;
}

/**
 * Runs a task many times, each with a script drawn from the model. Throws when `holds` fails, with the shortest script
 * that shows it.
 */
export async function simulateMany<O extends object, Given>(
  wip: WipClass<O, Given>,
  options: ManyFor<O, Given>,
): Promise<ManyRuns> {
  const { runs, seed = 1, holds = () => true } = options;
  const many = openMany(wip, options);
  const seeds = seededRandom(seed);
  const ends = new Map<string, Ended>();
  const rows = new Set<string>();
  const visited = new Set<string>();
  for (let count = 0; count < runs; count += 1) {
    const runSeed = Math.floor(seeds() * 2 ** 32);
    const run = await many.run(many.scriptOf(runSeed));
    const problem = problemOf(run, holds);
    if (problem !== null) throw await failureOf(many, { seed: runSeed, holds, problem, count });
    const end = endOf(run);
    const ended = ends.get(end) ?? { runs: 0, seconds: [], seed: runSeed };
    ended.runs += 1;
    ended.seconds.push(run.elapsed);
    ends.set(end, ended);
    for (const state of run.states) visited.add(state);
    for (const row of run.rowsTaken) rows.add(row);
  }
  return reportOf({ runs, seed, ends, rows, visited, table: many.table });
}

/** Runs the task once more with the script of one seed, which simulateMany has told. */
export async function simulateSeed<O extends object, Given>(
  wip: WipClass<O, Given>,
  options: ManyFor<O, Given> extends infer Each ? Omit<Each, 'runs' | 'holds'> & { readonly seed: number } : never,
): Promise<SimulatedRun> {
  const many = openMany(wip, options as Pick<ManyOptions, 'model' | 'world'>);
  return many.run(many.scriptOf(options.seed));
}

interface Many {
  readonly table: StateTable;
  scriptOf(seed: number): TaskScript;
  run(script: TaskScript): Promise<SimulatedRun>;
}

function openMany(
  wip: WipClass,
  { model, script, world }: Pick<ManyOptions, 'model' | 'world'> & { readonly script?: unknown },
): Many {
  const base = (script ?? {}) as TaskScript;
  const parsed: ParsedModel = Model.parse(model ?? {});
  const table = parsedTable(wip.create({ uuid: '', options: base.options ?? {} }).getStateTable());
  return {
    table,
    scriptOf: (seed) => joinScripts(base, randomScript(seed, parsed, table)),
    run: (one) => simulateScript(wip, one, world),
  };
}

function problemOf(run: SimulatedRun, holds: NonNullable<ManyOptions['holds']>): string | null {
  try {
    return holds(run) === false ? 'the condition does not hold' : null;
  } catch (error) {
    return messageOf(error);
  }
}

interface Failed {
  readonly seed: number;
  readonly holds: NonNullable<ManyOptions['holds']>;
  readonly problem: string;
  /** How many runs were well before. */
  readonly count: number;
}

async function failureOf(many: Many, { seed, holds, problem, count }: Failed): Promise<RunAssertionError> {
  const showsIt = async (script: TaskScript): Promise<boolean> => {
    try {
      return problemOf(await many.run(script), holds) !== null;
    } catch {
      return false; // a script that is not valid any more shows nothing
    }
  };
  const { options, ...rest } = many.scriptOf(seed);
  const withOptions = (script: TaskScript): TaskScript => ({ ...script, ...(options && { options }) });
  const shortest = await shrinkScript(rest, (script) => showsIt(withOptions(script)));
  const run = await many.run(withOptions(shortest));
  return new RunAssertionError(
    [
      `Run ${count + 1}, with the seed ${seed}: ${problem}`,
      `The shortest script that shows it: ${JSON.stringify(shortest)}`,
      problemOf(run, holds) ?? problem,
      run.explain(),
    ].join('\n\n'),
  );
}

function endOf({ outcome, exit, states }: SimulatedRun): string {
  if (outcome !== 'ended') return `${outcome} in ${states.at(-1) ?? 'no state'}`;
  return exit.cause === undefined ? exit.status : `${exit.status} (${exit.cause})`;
}

interface Tally {
  readonly runs: number;
  readonly seed: number;
  readonly ends: ReadonlyMap<string, Ended>;
  readonly rows: ReadonlySet<string>;
  readonly visited: ReadonlySet<string>;
  readonly table: StateTable;
}

function reportOf({ runs, seed, ends, rows, visited, table }: Tally): ManyRuns {
  const all = table.states.flatMap(({ name, transitions }) => transitions.map(({ value }) => `${name} ${value}`));
  const report = {
    runs,
    seed,
    ends: [...ends].map(([end, ended]) => manyEnd(end, ended)).sort((one, other) => other.runs - one.runs),
    rowsNeverTaken: all.filter((row) => !rows.has(row)),
    statesNeverVisited: table.states.map(({ name }) => name).filter((state) => !visited.has(state)),
  };
  return { ...report, table: () => manyTable(report, all.length) };
}

function manyEnd(end: string, { runs, seconds, seed }: Ended): ManyEnd {
  const sorted = seconds.toSorted((a, b) => a - b);
  const at = (ratio: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))]!;
  return { end, runs, p50: at(0.5), p95: at(0.95), max: sorted.at(-1)!, seed };
}
