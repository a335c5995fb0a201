import { prepareTask } from '../../controlplane/engine/prepare-task.ts';
import type { WipClass } from '../../controlplane/tasks/wip-class.ts';
import { SHIPPED_KINDS } from '../../controlplane/tasks/kinds.ts';
import { parsedTable } from '../../controlplane/statetable/parsed-table.ts';
import { finishedRun } from './finished-run.ts';
import { TaskScript, type ParsedScript } from './script.ts';
import { checkGivenKind } from './check-given-kind.ts';
import { checkScript, checkUse } from './check-script.ts';
import { parseGiven } from './parse-given.ts';
import { checkWorld, type CheckedWorld, type SimulatedWorld } from './simulated-world.ts';
import type { SimulatedRun } from './simulated-run.ts';
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

/**
 * Runs one task to its end in virtual time: its class and the engine's own steps over a world by value that follows the
 * script. Nothing is started, no connection is made, no time passes. Throws TestkitError for mistakes of the script.
 */
export async function simulateTask<O extends object, Given>(
  wip: WipClass<O, Given>,
  ...[given, world]: Partial<OptionsGiven<O, Given>> extends OptionsGiven<O, Given>
    ? [script?: ScriptFor<O, Given>, world?: SimulatedWorld]
    : [script: ScriptFor<O, Given>, world?: SimulatedWorld]
): Promise<SimulatedRun> {
  return simulateScript(wip, (given ?? {}) as TaskScript, world);
}

/** simulateTask for a script that was read from a file, or made by a program. */
export async function simulateScript(wip: WipClass, given: TaskScript, world?: SimulatedWorld): Promise<SimulatedRun> {
  checkGivenKind(wip);
  return simulateChecked(wip, given, checkWorld(world));
}

/** simulateScript of a kind and in a world that were checked before: once for many runs. */
export async function simulateChecked(wip: WipClass, given: TaskScript, options: CheckedWorld): Promise<SimulatedRun> {
  const script = parseGiven('The script is', TaskScript, given);
  const others = [...SHIPPED_KINDS.filter(({ kind }) => kind !== wip.kind), ...options.kinds];
  // The class gets its world, and the world the class that follows a recording: its kinds are complete further down.
  const kinds = new Map(others.map((one) => [one.kind, one] as const)).set(wip.kind, wip);
  const world = new World(script, { ...options, kinds });
  const uuid = world.deps.identities.taskUuid();
  const task = prepareTask(world.deps, { kind: wip.kind, options: script.options }, uuid);
  const table = parsedTable(wip.create({ uuid, options: task.options }).getStateTable());
  checkScript(script, table);
  const id = world.record.addTask({ ...task, uuid, maxRunSeconds: script.maxRunTime });
  world.task = id;
  planMoments(world, script, id);
  planTakeovers(world, script, id);
  if (script.replay) followRecording({ world, task: id, table, kinds, wip, recording: script.replay });
  const outcome = await driveTask(world, id, options.maxSteps);
  const run = finishedRun({ world, task: id, kind: wip.kind, table, outcome, given, script });
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
    savedSteps: () => world.record.steps(task).length,
    terminate: () => world.record.requestTermination(task),
  });
  kinds.set(wip.kind, replay.follow(wip));
  replay.saved();
  world.onSaved = () => replay.saved();
}
