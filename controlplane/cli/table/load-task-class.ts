import { resolve } from 'node:path';
import { OperationalError } from '../../../shared/model/error.ts';
import type { BasicWip } from '../../tasks/basic-wip.ts';
import type { WipClass } from '../../tasks/wip-class.ts';
import { createOfKind } from '../../tasks/checks/check-kind.ts';
import { createWithoutOptions, findClasses, unwrapRemedy } from '../../tasks/checks/find-classes.ts';
import type { CreateTask } from '../../tasks/checks/no-task.ts';
import { importModule } from '../kinds/import-module.ts';
import { addKind, shippedKinds } from '../kinds/load-kinds.ts';
import type { ModuleCode } from '../kinds/module-code.ts';

const MODULE = /\.[cm]?[jt]s(#.*)?$/;

interface Candidate {
  readonly name: string;
  readonly create: CreateTask;
  /** The kind as given to defineWip; null for a candidate that is an exported class. */
  readonly kind: WipClass | null;
}

type Found = ReturnType<typeof findClasses>;

export function isModulePath(given: string): boolean {
  return MODULE.test(given);
}

/** Returns the classes that the module exports; if it exports none, its kinds made by defineWip. */
function candidatesIn({ classes, kinds }: Found): readonly Candidate[] {
  if (classes.length > 0)
    return classes.map(({ name, type }) => ({ name, create: (task) => new type(task), kind: null }));
  return kinds.map(({ name, kind }) => candidateOf(name, kind));
}

function candidateOf(name: string, kind: WipClass): Candidate {
  return { name, create: (task) => kind.create(task), kind };
}

/** Finds the kind of that name, with which people add tasks, or else the export of that name. */
function findByName(found: Found, wanted: string): Candidate | undefined {
  const defined = found.kinds.find(({ kindName, name }) => kindName === wanted || name === wanted);
  return defined ? candidateOf(wanted, defined.kind) : candidatesIn(found).find(({ name }) => name === wanted);
}

/**
 * Creates a task of the class in `path` or `path#Name`. This runs the user's module. A kind made by defineWip is checked in the
 * same way as by a node.
 */
export async function loadTaskClass(given: string, cwd: string, code: ModuleCode): Promise<BasicWip> {
  const [file = '', wanted] = given.split('#', 2);
  const path = resolve(cwd, file);
  const exported = await importModule(path, code);
  const found = code.run('reading', file, () => findClasses(path, exported));
  const candidate = choose(found, path, { file, wanted });
  const name = `${candidate.kind?.kind ?? candidate.name} (${file})`;
  const wip = code.run('reading', name, () => createChecked(candidate, name, { file, found }));
  await code.settle();
  return wip;
}

/** Checks the chosen kind, or for a plain class all kinds of its module, because a node loads modules as a whole. */
function createChecked(
  { kind: chosen, create }: Candidate,
  name: string,
  { file, found }: { file: string; found: Found },
): BasicWip {
  const kinds = shippedKinds();
  for (const { kind } of found.kinds) {
    if (chosen !== null && chosen !== kind) continue;
    createOfKind(kind, file);
    addKind({ kind, file }, kinds);
  }
  return createWithoutOptions(name, create);
}

function choose(found: Found, path: string, { file, wanted }: { file: string; wanted: string | undefined }): Candidate {
  const candidates = candidatesIn(found);
  const [only, another] = candidates;
  const chosen = wanted === undefined ? (another ? undefined : only) : findByName(found, wanted);
  if (chosen) return chosen;
  const names = candidates.map(({ name }) => name).join(', ');
  throw new OperationalError('USAGE', {
    happened: `${path} exports ${only ? `the task classes ${names}` : 'no task class'}`,
    remedy: only
      ? `Name one of them: ${file}#${only.name}`
      : (unwrapRemedy(found.wrappers) ?? 'Export a class that extends BasicWip'),
  });
}
