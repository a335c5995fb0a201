import { AsyncLocalStorage } from 'node:async_hooks';

/** An unhandled error. `promise`: the rejected promise, which may still be handled later; null for a thrown error. */
interface UnhandledError {
  readonly error: unknown;
  readonly promise: object | null;
}

/** The code of a task's class that runs now, or that started the asynchronous work that runs now. */
export interface MethodScope {
  readonly kind: string;
  /** Null for a task that is not stored yet. */
  readonly taskId: number | null;
  /** Null for code that belongs to no state, such as the title. */
  readonly state: string | null;
  readonly method: string;
  /** Unhandled errors since the method began. */
  readonly unhandled: UnhandledError[];
  isOver: boolean;
  /** Reports to the author an event after the end of the method; null when there is no task in whose log to report it. */
  readonly reportLateError: ((sentence: string) => void) | null;
}

/** The message of the node's log about such an error. */
export const LEFT_AN_ERROR =
  'the method of a task left an error that nobody handles; an await or a catch is missing there';

const scopes = new AsyncLocalStorage<MethodScope | undefined>();

/** Runs `work` as code of the method: timers, promises and sockets that it makes belong to the method as well. */
export function runInScope<T>(scope: MethodScope, work: () => T): T {
  return scopes.run(scope, work);
}

/** Runs code of a class that belongs to no method. Its unhandled errors go to the node's log. */
export function runClassCode<T>(kind: string, method: string, work: () => T): T {
  return runInScope(
    { kind, taskId: null, state: null, method, unhandled: [], isOver: true, reportLateError: null },
    work,
  );
}

/**
 * Runs `work` as code of Wip, not of the method. A connection opened for one method serves others later, and its errors must not
 * be blamed on the first.
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
