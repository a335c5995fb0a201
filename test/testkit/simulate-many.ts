import { z } from 'zod';
import { prepareTask } from '../../controlplane/engine/prepare-task.ts';
import { instead } from '../../shared/text/nearest-name.ts';
import { checkGivenKind } from './check-given-kind.ts';
import { parseGiven } from './parse-given.ts';
import { TestkitError } from './testkit-error.ts';
import { PLAIN_SEALER } from './world/plain-sealer.ts';
import { seededRandom } from '../../controlplane/statetable/seeded-random.ts';
import { parsedTable } from '../../controlplane/statetable/parsed-table.ts';
import type { StateTable } from '../../controlplane/statetable/table.ts';
import type { WipClass } from '../../controlplane/tasks/wip-class.ts';
import { messageOf } from '../../shared/model/error.ts';
import { RunAssertionError } from './assertions.ts';
import { manyTable, type ManyEnd, type ManyRuns } from './many-table.ts';
import { Model, type ParsedModel } from './model.ts';
import { joinScripts, randomScript } from './random-script.ts';
import { TaskScript } from './script.ts';
import { shrinkScript } from './shrink-script.ts';
import { simulateChecked, type OptionsGiven, type ScriptFor } from './simulate-task.ts';
import { checkWorld, type CheckedWorld, type SimulatedWorld } from './simulated-world.ts';
import type { SimulatedRun } from './simulated-run.ts';

export interface ManyOptions {
  readonly runs: number;
  /** The same seed gives the same runs. */
  readonly seed?: number;
  /** Probabilities; those left out have the defaults of `Model`. */
  readonly model?: Model;
  readonly world?: SimulatedWorld;
  /** Looks at each run: one for which this returns false, rejects or throws is a failure, and is shrunk. */
  readonly holds?: (run: SimulatedRun) => boolean | void | Promise<boolean | void>;
}

export type ManyFor<O extends object, Given> = ManyOptions &
  (Partial<OptionsGiven<O, Given>> extends OptionsGiven<O, Given>
    ? { readonly script?: ScriptFor<O, Given> }
    : { /** Holds in every run; the model says the rest. */ readonly script: ScriptFor<O, Given> });

const Holds = z.custom<NonNullable<ManyOptions['holds']>>((given) => typeof given === 'function', 'must be a function');
const MOST_RUNS = 10_000_000;
const Seed = z.int().min(0);
/** What the runs have in common. The script and the world have checks of their own. */
const COMMON = { model: Model.prefault({}), script: z.unknown().optional(), world: z.unknown().optional() };
const ManyGiven = z.strictObject({
  ...COMMON,
  runs: z.int().min(1).max(MOST_RUNS),
  seed: Seed.default(1),
  holds: Holds.default(() => () => true),
});
const SeedGiven = z.strictObject({ ...COMMON, seed: Seed });

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
  const { runs, seed, holds, ...common } = parseGiven('The options of simulateMany are', ManyGiven, options);
  const many = openMany(wip, common);
  const seeds = seededRandom(seed);
  const ends = new Map<string, Ended>();
  const rows = new Set<string>();
  const visited = new Set<string>();
  for (let count = 0; count < runs; count += 1) {
    const runSeed = Math.floor(seeds() * 2 ** 32);
    const run = await many.run(many.scriptOf(runSeed));
    const problem = await problemOf(run, holds);
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
  const { seed, ...common } = parseGiven('The options of simulateSeed are', SeedGiven, options);
  const many = openMany(wip, common);
  return many.run(many.scriptOf(seed));
}

interface Many {
  readonly table: StateTable;
  scriptOf(seed: number): TaskScript;
  run(script: TaskScript): Promise<SimulatedRun>;
}

interface Common {
  readonly model: ParsedModel;
  readonly script?: unknown;
  readonly world?: unknown;
}

function openMany(wip: WipClass, { model, script = {}, world }: Common): Many {
  checkGivenKind(wip);
  parseGiven('The script is', TaskScript, script);
  const base = script as TaskScript;
  const checked = checkWorld(world);
  const table = tableOf(wip, base, checked);
  checkProcesses(model, table);
  return {
    table,
    scriptOf: (seed) => joinScripts(base, randomScript(seed, model, table)),
    run: (one) => simulateChecked(wip, one, checked),
  };
}

/** Returns the table of a task with these options, in the form in which the class gets them. */
function tableOf(wip: WipClass, { options = {} }: TaskScript, { settings }: CheckedWorld): StateTable {
  const kinds = new Map([[wip.kind, wip]]);
  const task = prepareTask({ kinds, sealer: PLAIN_SEALER, maxRunSeconds: 0, settings }, { kind: wip.kind, options });
  return parsedTable(wip.create({ uuid: task.uuid, options: task.options }).getStateTable());
}

/** A state that the table does not have starts no process: what the model says of it would never happen. */
function checkProcesses({ processes }: ParsedModel, table: StateTable): void {
  const states = table.states.map(({ name }) => name);
  const unknown = Object.keys(processes).find((name) => !states.includes(name));
  if (unknown === undefined) return;
  throw new TestkitError(`model.processes: the table has no state "${unknown}"${instead(unknown, states)}`);
}

async function problemOf(run: SimulatedRun, holds: NonNullable<ManyOptions['holds']>): Promise<string | null> {
  try {
    return (await holds(run)) === false ? 'the condition does not hold' : null;
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
      return (await problemOf(await many.run(script), holds)) !== null;
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
      (await problemOf(run, holds)) ?? problem,
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
