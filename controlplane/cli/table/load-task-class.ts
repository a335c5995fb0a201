import { resolve } from 'node:path';
import { OperationalError } from '../../../shared/model/error.ts';
import type { BasicWip } from '../../tasks/basic-wip.ts';
import { createWithoutOptions, isDefined, isTaskClass, NO_TASK } from '../../tasks/find-classes.ts';
import { importModule } from '../kinds/import-module.ts';

const MODULE = /\.[cm]?[jt]s(#.*)?$/;

type Candidate = { readonly name: string; readonly create: () => BasicWip };

export function isModulePath(given: string): boolean {
  return MODULE.test(given);
}

/** The classes that the module exports; where it exports none, what defineWip made of them. */
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

/** Finds the kind of that name, which is what people add tasks by, or the export of that name. */
function findByName(exported: Readonly<Record<string, unknown>>, wanted: string): Candidate | undefined {
  const kind = Object.values(exported)
    .filter(isDefined)
    .find((one) => one.kind === wanted);
  if (kind) return { name: wanted, create: () => kind.create(NO_TASK) };
  return candidatesIn(exported).find(({ name }) => name === wanted);
}

/** Creates a task of the class in `path` or `path#Name`. This runs the module, which is the user's own. */
export async function loadTaskClass(given: string, cwd: string): Promise<BasicWip> {
  const [file = '', wanted] = given.split('#', 2);
  const path = resolve(cwd, file);
  const exported = await importModule(path);
  const candidates = candidatesIn(exported);
  const [only, another] = candidates;
  const chosen = wanted === undefined ? (another ? undefined : only) : findByName(exported, wanted);
  if (chosen) return createWithoutOptions(chosen.name, chosen.create);
  const names = candidates.map(({ name }) => name).join(', ');
  throw new OperationalError('USAGE', {
    happened: `${path} exports ${only ? `the task classes ${names}` : 'no task class'}`,
    remedy: only ? `Name one of them: ${file}#${only.name}` : 'Export a class that extends BasicWip',
  });
}
