import { resolve } from 'node:path';
import { OperationalError } from '../../../shared/model/error.ts';
import type { BasicWip, WipClass } from '../../tasks/basic-wip.ts';
import { checkKindDefinition } from '../../tasks/check-kind.ts';
import { createWithoutOptions, findClasses, NO_TASK } from '../../tasks/find-classes.ts';
import { importModule, type OnLateError } from '../kinds/import-module.ts';

const MODULE = /\.[cm]?[jt]s(#.*)?$/;

interface Candidate {
  readonly name: string;
  readonly create: () => BasicWip;
  /** What defineWip was given, where the candidate is named by it. */
  readonly kind: WipClass | null;
}

type Found = ReturnType<typeof findClasses>;

export function isModulePath(given: string): boolean {
  return MODULE.test(given);
}

/** The classes that the module exports; where it exports none, what defineWip made of them. */
function candidatesIn({ classes, kinds }: Found): readonly Candidate[] {
  if (classes.length > 0)
    return classes.map(({ name, type }) => ({ name, create: () => new type(NO_TASK), kind: null }));
  return kinds.map(({ name, kind }) => candidateOf(name, kind));
}

function candidateOf(name: string, kind: WipClass): Candidate {
  return { name, create: () => kind.create(NO_TASK), kind };
}

/** Finds the kind of that name, which is what people add tasks by, or the export of that name. */
function findByName(found: Found, wanted: string): Candidate | undefined {
  const defined = found.kinds.find(({ kindName, name }) => kindName === wanted || name === wanted);
  return defined ? candidateOf(wanted, defined.kind) : candidatesIn(found).find(({ name }) => name === wanted);
}

/**
 * Creates a task of the class in `path` or `path#Name`. This runs the module, which is the user's own. What defineWip was given for
 * it is checked as a node checks it.
 */
export async function loadTaskClass(given: string, cwd: string, onLateError: OnLateError): Promise<BasicWip> {
  const [file = '', wanted] = given.split('#', 2);
  const path = resolve(cwd, file);
  const found = findClasses(path, await importModule(path, onLateError));
  const candidates = candidatesIn(found);
  const [only, another] = candidates;
  const chosen = wanted === undefined ? (another ? undefined : only) : findByName(found, wanted);
  if (chosen) {
    for (const { kind } of found.kinds)
      if (chosen.kind === null || chosen.kind === kind) checkKindDefinition(kind, file);
    return createWithoutOptions(chosen.name, chosen.create);
  }
  const names = candidates.map(({ name }) => name).join(', ');
  throw new OperationalError('USAGE', {
    happened: `${path} exports ${only ? `the task classes ${names}` : 'no task class'}`,
    remedy: only ? `Name one of them: ${file}#${only.name}` : 'Export a class that extends BasicWip',
  });
}
