import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import type { BasicWip, TaskFacts, WipClass } from '../../tasks/basic-wip.ts';

/** A task without options, for reading a class's table: tables do not depend on options. */
export const NO_TASK: TaskFacts<object> = { uuid: '00000000-0000-0000-0000-000000000000', options: {} };

const MODULE = /\.[cm]?[jt]s(#.*)?$/;

type Candidate = { readonly name: string; readonly create: () => BasicWip };

export function isModulePath(given: string): boolean {
  return MODULE.test(given);
}

function isTaskClass(value: unknown): value is new (task: TaskFacts<object>) => BasicWip {
  return typeof value === 'function' && typeof value.prototype?.getStateTable === 'function';
}

/** Whether the value was made by `defineWip`. */
function isDefined(value: unknown): value is WipClass {
  return typeof value === 'object' && value !== null && 'kind' in value && 'create' in value && 'options' in value;
}

function candidatesIn(exported: Readonly<Record<string, unknown>>): Candidate[] {
  const all = Object.entries(exported);
  const classes = all.flatMap(([name, value]) =>
    isTaskClass(value) ? { name, create: () => new value(NO_TASK) } : [],
  );
  const defined = all.flatMap(([name, value]) =>
    isDefined(value) ? { name, create: () => value.create(NO_TASK) } : [],
  );
  return classes.length > 0 ? classes : defined;
}

async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `${path} cannot be loaded: ${messageOf(cause)}`,
      remedy: 'Give a module that Node can import, with a class that extends BasicWip',
      cause,
    });
  }
}

/** Creates a task of the class in `path` or `path#Name`. This runs the module, which is the user's own. */
export async function loadTaskClass(given: string, cwd: string): Promise<BasicWip> {
  const [file = '', wanted] = given.split('#', 2);
  const path = resolve(cwd, file);
  const candidates = candidatesIn(await importModule(path));
  const chosen = wanted === undefined ? candidates : candidates.filter(({ name }) => name === wanted);
  const [only] = chosen;
  if (!only || chosen.length > 1) {
    const names = candidates.map(({ name }) => name).join(', ');
    throw new OperationalError('USAGE', {
      happened: `${path} exports ${names === '' ? 'no task class' : `the task classes ${names}`}`,
      remedy:
        names === '' ? 'Export a class that extends BasicWip' : `Name one of them: ${file}#${candidates[0]!.name}`,
    });
  }
  try {
    return only.create();
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `No task of ${only.name} can be made without options: ${messageOf(cause)}`,
      remedy: 'Read options where they are used, not in the constructor',
      cause,
    });
  }
}
