import { messageOf } from '../../shared/model/error.ts';
import { currentScope, LEFT_AN_ERROR, namedMethod, type MethodScope } from '../engine/method-scope.ts';

/** A timer may fail again and again: the first errors say what is wrong. */
const MOST_TOLD = 10;

/** Told of what no method can be told any more, or no task. */
interface ErrorLog {
  error(fields: { readonly err: unknown; readonly [field: string]: unknown }, message: string): void;
}

/**
 * Keeps the node alive when an error that nobody handled comes from the method of a task: a promise that its author did not
 * wait for, or a timer. The error is told to the method, or in the logs of task and node when the method is over. An error of
 * the node itself ends the node as before. Returns what takes this back.
 */
export function containTaskErrors(log: ErrorLog): () => void {
  const rejected = new WeakMap<object, MethodScope>();
  const onError = (error: unknown, promise: object | null): void => {
    const scope = currentScope();
    if (!scope) return endWith(error);
    if (promise) rejected.set(promise, scope);
    const isTold = !scope.isOver && scope.unhandled.length < MOST_TOLD;
    if (isTold) scope.unhandled.push({ error, promise });
    else reportLateError(log, scope, error);
  };
  const onRejection = (error: unknown, promise: object): void => onError(error, promise);
  // The second argument of this event says where the error is from, and is no promise.
  const onException = (error: unknown): void => onError(error, null);
  const onHandled = (promise: object): void => {
    const { unhandled = [] } = rejected.get(promise) ?? {};
    const at = unhandled.findIndex((one) => one.promise === promise);
    if (at >= 0) unhandled.splice(at, 1);
  };
  const stop = (): void => {
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtException', onException);
    process.off('rejectionHandled', onHandled);
  };
  /** Ends the program as Node does by itself, with the stack on the screen. */
  const endWith = (error: unknown): void => {
    stop();
    process.nextTick(() => {
      throw error;
    });
  };
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  process.on('rejectionHandled', onHandled);
  return stop;
}

function reportLateError(log: ErrorLog, scope: MethodScope, error: unknown): void {
  const { kind, taskId, state, method, isOver } = scope;
  log.error({ err: error, kind, taskId, state, method, isOver }, LEFT_AN_ERROR);
  if (isOver) scope.reportLateError?.(`${namedMethod(scope)} left an error that nobody handles: ${messageOf(error)}.`);
}
