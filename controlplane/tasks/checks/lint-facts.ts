import { parseLintIgnores } from '../../statetable/lint-ignores.ts';
import { parseStateTable } from '../../statetable/parse-table.ts';
import type { LintOptions } from '../../statetable/lint-table.ts';
import type { TaskMethods } from '../../statetable/lint-methods.ts';
import { BasicWip } from '../basic-wip.ts';
import { nearestName } from '../../../shared/text/nearest-name.ts';
import { ContainerWip } from '../container/container-wip.ts';
import { LIFE_CYCLE_HOOKS } from '../life-cycle-hooks.ts';

/** The states that BasicWip gives to every table. Its other methods are no states. */
const STATES_OF_ALL: ReadonlySet<string> = new Set(['start', 'finish', 'failure', 'terminate', 'systemFailure']);

/** Returns the facts about a task's class that the linter needs. The class does not run. */
export function lintOptionsOf(wip: BasicWip): LintOptions {
  const container = wip instanceof ContainerWip && {
    start: wip.getContainerStartState(),
    stop: wip.getContainerStopState(),
    // In every state the container can be gone, or nothing can be known about it (ContainerWip).
    mustHandle: ['terminated', 'no_information'],
  };
  const ignores = parseLintIgnores(wip.getStateTable());
  return { task: methodsOf(wip), ignores, ...(container && { container }) };
}

function methodsOf(wip: BasicWip): TaskMethods {
  const declared: Readonly<Record<string, readonly string[]>> = wip.transitions;
  const names = methodNames(wip);
  return {
    methods: new Map(names.map((name) => [name, Object.hasOwn(declared, name) ? declared[name]! : null])),
    reserved: reservedNames(wip),
    nearHooks: new Map(names.flatMap(nearHook)),
  };
}

/** Names of helpers are free, unless they differ from that of a hook by a letter, its end or its capitals. */
function nearHook(name: string): [string, string][] {
  const hooks: readonly string[] = LIFE_CYCLE_HOOKS;
  const near = hooks.includes(name) ? null : nearestName(name, hooks);
  if (near === null) return [];
  const [given, meant] = [name.toLowerCase(), near.toLowerCase()];
  const isMeant = given === meant || (name.startsWith('on') && (given.startsWith(meant) || differsByOne(given, meant)));
  return isMeant ? [[name, near]] : [];
}

/** Whether one letter is added, left out or changed, or two have changed places. */
function differsByOne(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (long.length - short.length > 1) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  const [restShort, restLong] = [short.slice(at), long.slice(at)];
  if (short.length < long.length) return restShort === restLong.slice(1);
  const areSwapped = restShort[0] === restLong[1] && restShort[1] === restLong[0];
  return restShort.slice(1) === restLong.slice(1) || (areSwapped && restShort.slice(2) === restLong.slice(2));
}

function prototypesOf(wip: BasicWip): object[] {
  const prototypes: object[] = [];
  let at: object | null = Object.getPrototypeOf(wip);
  for (; at && at !== Object.prototype; at = Object.getPrototypeOf(at)) prototypes.push(at);
  return prototypes;
}

/** Returns the methods of the class and its parents, and functions that a constructor assigns to fields. */
function methodNames(wip: BasicWip): string[] {
  const names = new Set<string>();
  for (const holder of [wip, ...prototypesOf(wip)]) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
      if (typeof value === 'function' && name !== 'constructor') names.add(name);
    }
  }
  return [...names];
}

/** Returns members of the parents and fields of the class that are no states of a parent's own table. */
function reservedNames(wip: BasicWip): ReadonlySet<string> {
  const parents = new Set([...prototypesOf(wip).slice(1), BasicWip.prototype]);
  const states = new Set([...STATES_OF_ALL, ...[...parents].flatMap((parent) => statesOf(parent, wip))]);
  // A field may be a getter, which is not called for its name.
  const fields = Object.entries(Object.getOwnPropertyDescriptors(wip)).filter(
    ([, { value }]) => typeof value !== 'function',
  );
  const names = [...fields.map(([name]) => name), ...[...parents].flatMap((one) => Object.getOwnPropertyNames(one))];
  return new Set(names.filter((name) => !states.has(name)));
}

/** Returns the states of a parent's own table. */
function statesOf(parent: object, wip: BasicWip): string[] {
  const getStateTable: unknown = Object.getOwnPropertyDescriptor(parent, 'getStateTable')?.value;
  if (typeof getStateTable !== 'function') return [];
  try {
    return parseStateTable(String(getStateTable.call(wip))).states.map(({ name }) => name);
  } catch {
    return []; // a parent's table does not run, so it need not be valid, and may need what only a parent has
  }
}
