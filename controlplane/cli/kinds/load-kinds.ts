import { resolve } from 'node:path';
import { OperationalError } from '../../../shared/model/error.ts';
import type { WipClass } from '../../tasks/wip-class.ts';
import { SHIPPED_KINDS } from '../../tasks/kinds.ts';
import { checkKind } from '../../tasks/checks/check-kind.ts';
import { findClasses, unwrapRemedy } from '../../tasks/checks/find-classes.ts';
import { importModule } from './import-module.ts';
import { ModuleCode } from './module-code.ts';

/** The help of the option that the commands of nodes have for it. */
export const KINDS_HELP = 'modules with kinds of task of your own (what defineWip made), beside those that are shipped';

interface FoundKind {
  readonly kind: WipClass;
  /** The file as it was given. */
  readonly file: string;
}

/**
 * Imports the kinds of task that these modules export, as made by defineWip. A class that could not run is refused here, before a
 * node starts, and not when its first task runs. Throws USAGE, and KIND_INVALID for a class that is wrong.
 */
export async function loadKinds(
  files: readonly string[],
  { cwd, maxRunSeconds, stop }: { cwd: string; maxRunSeconds: number; stop?: AbortSignal },
): Promise<readonly WipClass[]> {
  if (files.length === 0) return [];
  const found = shippedKinds();
  const code = new ModuleCode();
  try {
    for (const file of files) {
      const path = resolve(cwd, file);
      const exported = await importModule(path, code, { stop });
      for (const { kind, kindName } of code.run('reading', file, () => kindsIn(path, exported))) {
        code.run('reading', `${String(kindName)} (${file})`, () => checkKind(kind, { file, maxRunSeconds }));
        addKind({ kind, file }, found);
      }
    }
    await code.settle();
  } finally {
    code.close();
  }
  return found.slice(SHIPPED_KINDS.length).map(({ kind }) => kind);
}

function kindsIn(
  path: string,
  exported: Awaited<ReturnType<typeof importModule>>,
): ReturnType<typeof findClasses>['kinds'] {
  const { classes, kinds, wrappers } = findClasses(path, exported);
  if (kinds.length > 0) return kinds;
  const names = classes.map(({ name }) => name);
  throw new OperationalError('USAGE', {
    happened: `${path} exports no kind of task${names.length > 0 ? `, only the class ${names.join(', ')}` : ''}`,
    remedy:
      unwrapRemedy(wrappers) ??
      'Export what defineWip returns: export const MY_TASK = defineWip({ kind, version, options, create })',
  });
}

/** The kinds that every node has, for `addKind`. */
export function shippedKinds(): FoundKind[] {
  return SHIPPED_KINDS.map((kind) => ({ kind, file: 'wip-ecs' }));
}

/** Adds a kind to those found before. Throws KIND_INVALID when a different kind has the same name. */
export function addKind(one: FoundKind, found: FoundKind[]): void {
  const earlier = found.find(({ kind }) => kind.kind === one.kind.kind);
  // A module may re-export the kind of another module.
  if (earlier?.kind === one.kind) return;
  if (!earlier) return void found.push(one);
  const both =
    earlier.file === one.file ? `${one.file} defines two` : `${earlier.file} and ${one.file} define one each`;
  throw new OperationalError('KIND_INVALID', {
    happened: `The kind of task "${one.kind.kind}" is there twice: ${both}`,
    remedy: 'Give one of them another kind; tasks are stored and added under that name',
  });
}
