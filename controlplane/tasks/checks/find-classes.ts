import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { BasicWip, type TaskFacts } from '../basic-wip.ts';
import type { WipClass } from '../wip-class.ts';
import { checkClass } from './check-class.ts';
import { NO_TASK, type CreateTask } from './no-task.ts';

export function isTaskClass(value: unknown): value is new (task: TaskFacts<object>) => BasicWip {
  return typeof value === 'function' && typeof value.prototype?.getStateTable === 'function';
}

/** Returns whether the value was made by `defineWip`. */
export function isDefined(value: unknown): value is WipClass {
  return typeof value === 'object' && value !== null && 'kind' in value && 'create' in value && 'options' in value;
}

interface FoundClass {
  /** Name of the export. */
  readonly name: string;
  readonly type: new (task: TaskFacts<object>) => BasicWip;
}

interface FoundKind {
  /** Name of the export. */
  readonly name: string;
  readonly kind: WipClass;
  /** Unchecked: what the definition says as its kind. */
  readonly kindName: unknown;
}

interface FoundOfTasks {
  readonly classes: readonly FoundClass[];
  readonly kinds: readonly FoundKind[];
  /** Names of exports that are no kind and have kinds in them, such as a list. Nobody looks into these. */
  readonly wrappers: readonly string[];
}

/** Finds the classes and the kinds of tasks that a module exports. Throws KIND_INVALID for one that cannot be looked at. */
export function findClasses(path: string, exported: readonly (readonly [string, unknown])[]): FoundOfTasks {
  const classes: FoundClass[] = [];
  const kinds: FoundKind[] = [];
  const wrappers: string[] = [];
  for (const [name, value] of exported) {
    try {
      if (isTaskClass(value)) classes.push({ name, type: value });
      else if (isDefined(value)) kinds.push({ name, kind: value, kindName: value.kind });
      else if (hasKinds(value)) wrappers.push(name);
    } catch (cause) {
      throw new OperationalError('KIND_INVALID', {
        happened: `The export "${name}" of ${path} cannot be read: ${messageOf(cause).replace(/\.$/, '')}`,
        remedy: 'Export what defineWip returns for a plain object',
        cause,
      });
    }
  }
  return { classes, kinds, wrappers };
}

/** Whatever else a module exports may have getters that throw. It is not looked at any further then. */
function hasKinds(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return Object.values(value).some((one) => isTaskClass(one) || isDefined(one));
  } catch {
    return false;
  }
}

/** Returns what to do about a module whose kinds are in a list; null when it has none. */
export function unwrapRemedy(wrappers: readonly string[]): string | null {
  const [first] = wrappers;
  return first === undefined ? null : `Export each kind by itself: the export "${first}" has kinds in it, and is none`;
}

/** Creates a task of a class to read its table and its methods. It does not run. Throws USAGE and KIND_INVALID. */
export function createWithoutOptions(name: string, create: CreateTask): BasicWip {
  const wip = tryToCreate(name, create);
  if (wip instanceof BasicWip) {
    if (wip.task?.uuid !== NO_TASK.uuid) {
      throw new OperationalError('KIND_INVALID', {
        happened: `${name} makes an object without its task`,
        remedy: 'Hand the task on: create: (task) => new MyTask(task), and in a constructor super(task)',
      });
    }
    checkClass(name, create, wip);
    return wip;
  }
  if (wip instanceof Promise) void wip.catch(() => undefined); // told here, and as a promise
  if (!isOfAnotherCopy(wip)) {
    throw new OperationalError('KIND_INVALID', {
      happened: `${name} makes no task: ${whyNoTask(wip)}`,
      remedy: 'Have "create" return a new object of a class that extends BasicWip or one of its subclasses',
    });
  }
  // The linter and the engine know the classes of this very copy of the package only.
  throw new OperationalError('USAGE', {
    happened: `${name} extends a class of another copy of wip-ecs than this wipctl belongs to`,
    remedy: 'Use the wipctl of the project that the class is in: "npx wipctl" there',
  });
}

function whyNoTask(made: unknown): string {
  if (made instanceof Promise) return '"create" returns a promise';
  return typeof made === 'object' && made !== null
    ? 'its class does not extend BasicWip'
    : `"create" returns ${typeof made}`;
}

function isOfAnotherCopy(wip: unknown): boolean {
  let at: unknown = wip;
  while (typeof at === 'object' && at !== null) {
    at = Object.getPrototypeOf(at) as unknown;
    if ((at as { constructor?: { name?: unknown } } | null)?.constructor?.name === BasicWip.name) return true;
  }
  return false;
}

function tryToCreate(name: string, create: CreateTask): unknown {
  try {
    return create(NO_TASK);
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `A task of ${name} cannot be made without options: ${messageOf(cause).replace(/\.$/, '')}`,
      remedy: 'Read options where they are used, not in the constructor',
      cause,
    });
  }
}
