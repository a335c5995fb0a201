import { AsyncLocalStorage } from 'node:async_hooks';

/** An error that nobody handled. `promise`: it may be handled later; null for what was thrown. */
interface UnhandledError {
  readonly error: unknown;
  readonly promise: object | null;
}

/** The code of a task's class that runs now, or that has begun what runs now. */
export interface MethodScope {
  readonly kind: string;
  /** Null where the task is not stored yet. */
  readonly taskId: number | null;
  /** Null for what belongs to no state, such as the title. */
  readonly state: string | null;
  readonly method: string;
  /** Errors that nobody has handled while the method runs. */
  readonly unhandled: UnhandledError[];
  isOver: boolean;
  /** Tells the author what happened after the end of the method; null where there is no task to tell it with. */
  readonly tellLate: ((sentence: string) => void) | null;
}

/** The message of the node's log about such an error. */
export const LEFT_AN_ERROR =
  'the method of a task left an error that nobody handles; an await or a catch is missing there';

const scopes = new AsyncLocalStorage<MethodScope | undefined>();

/** Runs `work` as code of the method: timers, promises and sockets that it makes belong to the method as well. */
export function runInScope<T>(scope: MethodScope, work: () => T): T {
  return scopes.run(scope, work);
}

/** Runs code of a class that belongs to no method: what it begins and nobody handles is told in the node's log. */
export function runClassCode<T>(kind: string, method: string, work: () => T): T {
  return runInScope({ kind, taskId: null, state: null, method, unhandled: [], isOver: true, tellLate: null }, work);
}

/**
 * Runs `work` as code of the product. A connection that is opened for a method serves others later, and an error of it is
 * not one of the method's.
 */
export function runOutsideScopes<T>(work: () => T): T {
  return scopes.run(undefined, work);
}

/** Returns the method that the running code belongs to; undefined for code of the product. */
export function currentScope(): MethodScope | undefined {
  return scopes.getStore();
}

/** Names the method for a sentence. Most states have the name of their method. */
export function namedMethod({ method, state }: Pick<MethodScope, 'method' | 'state'>): string {
  return state === null || state === method ? `"${method}"` : `"${method}" of the state "${state}"`;
}
