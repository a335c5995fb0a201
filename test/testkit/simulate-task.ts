import { prepareTask } from '../../controlplane/engine/prepare-task.ts';
import type { WipClass } from '../../controlplane/tasks/basic-wip.ts';
import type { TaskSettings } from '../../controlplane/tasks/task-settings.ts';
import { SHIPPED_KINDS } from '../../controlplane/tasks/kinds.ts';
import { parsedTable } from '../../controlplane/statetable/parsed-table.ts';
import { finishedRun } from './finished-run.ts';
import { TaskScript, type ParsedScript } from './script.ts';
import { scriptProblem } from './script-problem.ts';
import { checkScript, checkUse } from './check-script.ts';
import type { SimulatedRun } from './simulated-run.ts';
import { TestkitError } from './testkit-error.ts';
import { DEFAULT_SETTINGS } from './world/default-settings.ts';
import { driveTask } from './world/drive-task.ts';
import { planMoments, planTakeovers } from './world/moments.ts';
import { Replay, replayDifference } from './world/replay.ts';
import { World } from './world/world.ts';
import { RunAssertionError, withExplanation } from './assertions.ts';
import type { StateTable } from '../../controlplane/statetable/table.ts';
import type { TaskId } from '../../shared/model/ids.ts';

/** The options of a class as a script gives them: typed as far as `defineWip` could infer them. */
export type OptionsGiven<O extends object, Given> = unknown extends Given ? Partial<O> : Given;

/** A script with the options of one class. They may be left out when none is required. */
export type ScriptFor<O extends object, Given> = Omit<TaskScript, 'options'> &
  (Partial<OptionsGiven<O, Given>> extends OptionsGiven<O, Given>
    ? { readonly options?: OptionsGiven<O, Given> }
    : { readonly options: OptionsGiven<O, Given> });

/** What a simulation needs beside its script, and what is no data. */
export interface SimulatedWorld {
  /** Kinds of child tasks, beside those that every installation has. */
  readonly kinds?: readonly WipClass[];
  /** Settings of the installation; those left out have their defaults. */
  readonly settings?: Partial<TaskSettings>;
  /** Opens `secure:` values of build files. By default `x` is opened as `opened x`. */
  readonly decryptBuildValue?: (text: string) => Promise<string>;
  /** The time at which the task is added. */
  readonly start?: Date;
  /** The simulation stops after so many entries of the recording (10,000). */
  readonly maxSteps?: number;
}

const START = new Date('2026-01-01T00:00:00Z');
const MAX_STEPS = 10_000;

/**
 * Runs one task to its end in virtual time: its class and the engine's own steps over a world by value that follows the
 * script. Nothing is started, no connection is made, no time passes. Throws TestkitError for mistakes of the script.
 */
export async function simulateTask<O extends object, Given>(
  wip: WipClass<O, Given>,
  ...[given, options = {}]: Partial<OptionsGiven<O, Given>> extends OptionsGiven<O, Given>
    ? [script?: ScriptFor<O, Given>, world?: SimulatedWorld]
    : [script: ScriptFor<O, Given>, world?: SimulatedWorld]
): Promise<SimulatedRun> {
  return simulateScript(wip, (given ?? {}) as TaskScript, options);
}

/** simulateTask for a script that was read from a file, or made by a program. */
export async function simulateScript(
  wip: WipClass,
  given: TaskScript,
  options: SimulatedWorld = {},
): Promise<SimulatedRun> {
  const parsed = TaskScript.safeParse(given);
  if (!parsed.success) throw new TestkitError(scriptProblem(parsed.error));
  const script = parsed.data;
  const others = [...SHIPPED_KINDS.filter(({ kind }) => kind !== wip.kind), ...(options.kinds ?? [])];
  // The class gets its world, and the world the class that follows a recording: its kinds are complete further down.
  const kinds = new Map(others.map((one) => [one.kind, one] as const)).set(wip.kind, wip);
  const world = new World(script, {
    kinds,
    settings: { ...DEFAULT_SETTINGS, ...options.settings },
    decryptBuildValue: options.decryptBuildValue ?? ((text) => Promise.resolve(`opened ${text}`)),
    start: options.start ?? START,
  });
  const uuid = world.deps.identities.taskUuid();
  const task = prepareTask(world.deps, { kind: wip.kind, options: script.options }, uuid);
  const table = parsedTable(wip.create({ uuid, options: task.options }).getStateTable());
  checkScript(script, table);
  const id = world.store.addTask({ ...task, uuid, maxRunSeconds: script.maxRunTime });
  world.task = id;
  planMoments(world, script, id);
  planTakeovers(world, script, id);
  if (script.replay) followRecording({ world, task: id, table, kinds, wip, recording: script.replay });
  const outcome = await driveTask(world, id, options.maxSteps ?? MAX_STEPS);
  const run = finishedRun({ world, task: id, kind: wip.kind, table, outcome, given });
  const difference = script.replay ? replayDifference(script.replay, run) : null;
  if (difference !== null) throw new RunAssertionError(withExplanation(difference, run));
  if (!script.replay) checkUse(script, table, run);
  return run;
}

interface Following {
  readonly world: World;
  readonly task: TaskId;
  readonly table: StateTable;
  readonly kinds: Map<string, WipClass>;
  readonly wip: WipClass;
  readonly recording: NonNullable<ParsedScript['replay']>;
}

function followRecording({ world, task, table, kinds, wip, recording }: Following): void {
  const replay = new Replay(recording, table, {
    savedSteps: () => world.store.steps(task).length,
    terminate: () => world.store.requestTermination(task),
  });
  kinds.set(wip.kind, replay.follow(wip));
  replay.saved();
  world.onSaved = () => replay.saved();
}
