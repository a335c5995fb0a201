import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { nextTurn } from '../../../shared/support/next-turn.ts';
import { runInScope, type MethodScope } from '../../engine/method-scope.ts';
import { containTaskErrors } from '../../node/contain-task-errors.ts';

type Exports = readonly (readonly [string, unknown])[];

/** Told of an error that a module leaves to nobody when it has been imported. */
export type OnLateError = (error: OperationalError) => void;

let stopContaining: () => void = () => undefined;

/**
 * Imports a module with task classes, which is the user's own, and returns what it exports by name. Throws USAGE. An error that
 * it leaves to nobody, in a timer or a promise, is none of wipctl: a node has a place for it, and a command gives one.
 */
export async function importModule(path: string, onLateError?: OnLateError): Promise<Exports> {
  if (!existsSync(path)) {
    throw new OperationalError('USAGE', {
      happened: `There is no file ${path}`,
      remedy: 'Give the module with the task class; one in TypeScript may have to be compiled first',
    });
  }
  const scope: MethodScope = {
    kind: path,
    taskId: null,
    state: null,
    method: 'import',
    unhandled: [],
    isOver: false,
    tellLate: null,
  };
  stopContaining();
  stopContaining = containTaskErrors({ error: ({ err }) => onLateError?.(leftError(path, err)) });
  try {
    const exported = await runInScope(scope, () => importIt(path));
    await nextTurn();
    const [left] = scope.unhandled;
    if (left) throw leftError(path, left.error);
    return exported;
  } finally {
    scope.isOver = true;
    if (!onLateError) stopContaining();
  }
}

async function importIt(path: string): Promise<Exports> {
  try {
    return Object.entries((await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>);
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `${path} cannot be loaded: ${clauseOf(cause)}`,
      remedy:
        'Give a module that Node can import, with a class that extends BasicWip; compile it first if it is TypeScript that Node does not run',
      cause,
    });
  }
}

function leftError(path: string, cause: unknown): OperationalError {
  return new OperationalError('USAGE', {
    happened: `${path} left an error that nobody handles, when it was loaded: ${clauseOf(cause)}`,
    remedy: 'Begin nothing at the top level of a module with task classes, or await it and handle its errors',
    cause,
  });
}

function clauseOf(error: unknown): string {
  return messageOf(error).replace(/\.$/, '');
}
