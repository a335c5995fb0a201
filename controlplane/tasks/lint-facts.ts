import { parseLintIgnores } from '../statetable/lint-ignores.ts';
import type { LintOptions } from '../statetable/lint-table.ts';
import type { TaskMethods } from '../statetable/lint-methods.ts';
import { BasicWip } from './basic-wip.ts';
import { ContainerWip } from './container-wip.ts';

/** The states that BasicWip brings for every table; its other methods are no states. */
const STATES_OF_ALL: ReadonlySet<string> = new Set(['start', 'finish', 'failure', 'terminate', 'systemFailure']);

/** What the linter wants to know of a task's class. Its table is looked at with these and never runs. */
export function lintOptionsOf(wip: BasicWip): LintOptions {
  const container = wip instanceof ContainerWip && {
    start: wip.getContainerStartState(),
    stop: wip.getContainerStopState(),
    // The container can be gone, or nothing can be learned of it, whenever it is asked (ContainerWip).
    mustHandle: ['terminated', 'no_information'],
  };
  const ignores = parseLintIgnores(wip.getStateTable());
  return { task: methodsOf(wip), ignores, ...(container && { container }) };
}

function methodsOf(wip: BasicWip): TaskMethods {
  const declared: Readonly<Record<string, readonly string[]>> = wip.transitions;
  const names = methodNames(wip);
  const ofAll = Object.getOwnPropertyNames(BasicWip.prototype);
  return {
    methods: new Map(names.map((name) => [name, declared[name] ?? null])),
    reserved: new Set(ofAll.filter((name) => !STATES_OF_ALL.has(name))),
  };
}

function methodNames(wip: BasicWip): string[] {
  const names = new Set<string>();
  for (
    let at: object | null = Object.getPrototypeOf(wip);
    at && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return [...names];
}
