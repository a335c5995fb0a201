import { drawSvgLazily } from './draw-run.ts';
import { explainRun } from './explain-run.ts';
import { containersOf, processesOf } from './run-containers.ts';
import { childrenOf, deliveriesOf, effectsOf } from './run-effects.ts';
import { bagOf, type Contexts } from '../../controlplane/statetable/contexts.ts';
import type { StateTable } from '../../controlplane/statetable/table.ts';
import { faultOfExit, storedEndOf } from '../../controlplane/containers/causes/end-cause.ts';
import { whyEnded } from '../../controlplane/api/tasks/why/why.ts';
import { LOG_LEVEL, type Bag, type ExitDetail, type WipLogLevel } from '../../controlplane/tasks/context.ts';
import { exitStatusOf } from '../../shared/model/status.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import { copyOf } from '../../controlplane/engine/run/saved-json-view.ts';
import type { MemoryRecord } from './record/memory-record.ts';
import type { StoredTask } from './record/stored-task.ts';
import type { ParsedScript, TaskScript } from './script.ts';
import type { RunLog, RunStep, SimulatedRun } from './simulated-run.ts';
import { unusedParts, type ScriptUse } from './unused-script.ts';
import type { World } from './world/world.ts';

export interface Finished {
  readonly world: World;
  readonly task: TaskId;
  readonly kind: string;
  readonly table: StateTable;
  readonly outcome: SimulatedRun['outcome'];
  readonly given: TaskScript;
  readonly script: ParsedScript;
}

/** The run as its parts are asked for: most tests and most of many runs look at a few of them only. */
export function finishedRun(finished: Finished): SimulatedRun {
  const { world, task, kind, table, outcome, given, script } = finished;
  const stored = world.record.task(task);
  const { startMs } = world.clock;
  const endMs = stored.row.completedAt?.getTime() ?? world.clock.nowMs;
  const later = lazily({
    steps: () => stepsOf(world.record, task, startMs),
    exit: () => exitOf(stored),
    logs: () => logsOf(world.record, task, startMs),
    attempts: () => containersOf(world, task),
    processes: () => processesOf(world),
    effects: () => effectsOf(world),
    deliveries: () => deliveriesOf(world),
    children: () => childrenOf(world, task),
    memory: () => stored.json.memory as Bag,
    bags: () => bagsOf(stored, table),
    rowsTaken: () => rowsOf(stored),
    timers: () => stored.row.timers,
  });
  const run: SimulatedRun = Object.defineProperties(
    {
      kind,
      uuid: stored.row.uuid,
      outcome,
      states: world.visited,
      waits: world.waits,
      elapsed: (endMs - startMs) / 1000,
      why: whyEnded(exitStatusOf(stored.row.exitStatus), {
        message: stored.row.exitMessage,
        detail: stored.row.exitDetail,
      }),
      toScript: () => structuredClone(copyOf(given)) as TaskScript,
      draw: () => drawSvgLazily(table, run),
      explain: () => explainRun(run, table, script.replay ? [] : unusedParts(script, run, useOf(world))),
    } as unknown as SimulatedRun,
    { ...later, container: { enumerable: true, get: () => run.attempts.at(-1) ?? null } },
  );
  return run;
}

function useOf({ parts, interactions }: World): ScriptUse {
  return { parts: parts.used, turns: parts.turns, meetsInteraction: (index) => interactions.isMet(index) };
}

/** Returns properties whose values are made when they are first read. */
function lazily<T extends Record<string, () => unknown>>(parts: T): PropertyDescriptorMap {
  const made = new Map<string, unknown>();
  const properties = Object.entries(parts).map(([name, make]) => {
    const get = (): unknown => {
      if (!made.has(name)) made.set(name, make());
      return made.get(name);
    };
    return [name, { enumerable: true, get }];
  });
  return Object.fromEntries(properties) as PropertyDescriptorMap;
}

function stepsOf(record: MemoryRecord, task: TaskId, startMs: number): RunStep[] {
  return record.steps(task).map((step) => ({
    from: step.fromState ?? null,
    value: step.value ?? null,
    to: step.state,
    way: wayOf(step),
    executed: step.executed,
    waitSeconds: step.waitSeconds,
    atSeconds: (step.at.getTime() - startMs) / 1000,
    entry: step.entry,
    note: step.note ?? null,
  }));
}

function wayOf(step: ReturnType<MemoryRecord['steps']>[number]): RunStep['way'] {
  if (step.note?.includes('an error')) return 'error';
  if (step.value === 'terminateRequested') return 'terminate';
  if (step.fromState !== null && step.fromState !== undefined) return 'row';
  return step.state === 'terminate' ? 'terminate-unstarted' : 'start';
}

/** Returns the end as the record of a task has it: with the fault that its status implies, where the class gave none. */
function exitOf({ row }: StoredTask): ExitDetail {
  const status = exitStatusOf(row.exitStatus);
  const end = storedEndOf(row);
  const fault = faultOfExit(status, end?.fault ?? null);
  return {
    status,
    message: row.exitMessage ?? '',
    ...(row.exitDetail !== null && { detail: row.exitDetail }),
    ...(row.cause !== null && { cause: row.cause }),
    ...(fault !== null && { fault }),
    ...(end !== null && end.remedy !== null && { remedy: end.remedy }),
    ...(end !== null && end.evidence.length > 0 && { evidence: end.evidence }),
  };
}

const LEVEL_NAMES = new Map(Object.entries(LOG_LEVEL).map(([name, level]) => [level as number, name as WipLogLevel]));

function logsOf(record: MemoryRecord, task: TaskId, startMs: number): RunLog[] {
  return record.logs(task).map(({ level, message, isUserReadable, at }) => ({
    level: LEVEL_NAMES.get(level) ?? 'INFO',
    message,
    userReadable: isUserReadable,
    atSeconds: (at.getTime() - startMs) / 1000,
  }));
}

function bagsOf({ json }: StoredTask, table: StateTable): Record<string, Bag> {
  const { bags = {}, links = {} } = json.contexts;
  const contexts: Contexts = { bags, links };
  return Object.fromEntries(table.states.map(({ name }) => [name, bagOf(contexts, name) as Bag]));
}

function rowsOf({ row }: StoredTask): string[] {
  const counters = Object.entries(row.position?.counters ?? {});
  return counters.flatMap(([state, counts]) => Object.keys(counts).map((value) => `${state} ${value}`));
}
