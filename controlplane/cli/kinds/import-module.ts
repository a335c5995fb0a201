import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { nextTurn } from '../../../shared/time/next-turn.ts';
import { lineOfSyntaxError } from './line-of-syntax-error.ts';
import type { ModuleCode } from './module-code.ts';
import { stopBlockingCode } from './stop-blocking-code.ts';

type Exports = readonly (readonly [string, unknown])[];

/** As long as a method of a task may take. */
const LIMIT_SECONDS = 30;

export interface ImportLimits {
  readonly limitSeconds?: number;
  /** Ends the wait for the module. */
  readonly stop?: AbortSignal | undefined;
}

/**
 * Imports a user's module with task classes, and returns its exports by name. Throws USAGE, also for a module whose loading does
 * not end.
 */
export async function importModule(path: string, code: ModuleCode, limits: ImportLimits = {}): Promise<Exports> {
  if (!existsSync(path)) {
    throw new OperationalError('USAGE', {
      happened: `There is no file ${path}`,
      remedy: 'Give the module with the task class; one in TypeScript may have to be compiled first',
    });
  }
  const exported = await withinPatience(path, () => code.run('loading', path, () => importIt(path)), limits);
  await nextTurn();
  code.check();
  return exported;
}

async function importIt(path: string): Promise<Exports> {
  try {
    const exported = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
    // What a CommonJS module exports as a whole is its default as well.
    return Object.entries(exported).filter(([name]) => name !== 'module.exports');
  } catch (cause) {
    throw new OperationalError('USAGE', {
      happened: `${path} cannot be loaded: ${messageOf(cause).replace(/\.$/, '')}${cause instanceof SyntaxError ? lineOfSyntaxError(path) : ''}`,
      remedy: isPackageMissing(cause)
        ? 'Install that package in the project of the module'
        : 'Give a module that Node can import, with a class that extends BasicWip; compile it first if it is TypeScript that Node does not run',
      cause,
    });
  }
}

function isPackageMissing(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Cannot find package ');
}

/**
 * Loads a module, whose top-level `await` may never resolve and whose code may go on for ever. Neither the timer nor a
 * listener keeps the process alive. When nothing is left that could resolve it, Node emits `beforeExit`, and would otherwise
 * end with a warning of its own.
 */
async function withinPatience(
  path: string,
  load: () => Promise<Exports>,
  { limitSeconds = LIMIT_SECONDS, stop }: ImportLimits,
): Promise<Exports> {
  const watch = stopBlockingCode(limitSeconds * 1000);
  const gaveUp = Promise.withResolvers<never>();
  const onIdle = (): void => gaveUp.reject(neverResolved(path, 'and nothing goes on that it could wait for'));
  const onLate = (): void =>
    gaveUp.reject(
      watch.hasStopped()
        ? neverEnds(path, limitSeconds)
        : neverResolved(path, `and has not ended within ${limitSeconds} s`),
    );
  const onStop = (): void => gaveUp.reject(stop?.reason);
  if (stop?.aborted) onStop();
  const timer = setTimeout(onLate, limitSeconds * 1000).unref();
  process.once('beforeExit', onIdle);
  stop?.addEventListener('abort', onStop);
  try {
    return await Promise.race([load(), gaveUp.promise]);
  } finally {
    watch.end();
    clearTimeout(timer);
    process.off('beforeExit', onIdle);
    stop?.removeEventListener('abort', onStop);
  }
}

function neverEnds(path: string, limitSeconds: number): OperationalError {
  return new OperationalError('USAGE', {
    happened: `${path} cannot be loaded: its code does not come to an end, and was stopped after ${limitSeconds} s`,
    remedy: 'Look for an endless loop at the top level of the module, or of one that it imports',
  });
}

function neverResolved(path: string, how: string): OperationalError {
  return new OperationalError('USAGE', {
    happened: `${path} cannot be loaded: an "await" at its top level waits, ${how}`,
    remedy: 'Await at the top level only what ends soon, or do it in a method of a task',
  });
}
