import { AsyncLocalStorage } from 'node:async_hooks';

/** The code of a task's class that runs now, or that has begun what runs now. */
export interface MethodScope {
  readonly kind: string;
  /** Null where the task is not stored yet. */
  readonly taskId: number | null;
  /** Null for what belongs to no state, such as the title. */
  readonly state: string | null;
  readonly method: string;
  /** Errors that nobody handled while the method ran. */
  readonly unhandled: unknown[];
  isOver: boolean;
}

const scopes = new AsyncLocalStorage<MethodScope | undefined>();

/** Runs `work` as code of the method: timers, promises and sockets that it makes belong to the method as well. */
export function runInScope<T>(scope: MethodScope, work: () => T): T {
  return scopes.run(scope, work);
}

/** Runs code of a class that belongs to no method: what it begins and nobody handles is told in the node's log. */
export function runClassCode<T>(kind: string, method: string, work: () => T): T {
  return runInScope({ kind, taskId: null, state: null, method, unhandled: [], isOver: true }, work);
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
