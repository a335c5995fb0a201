import type { Logger } from '../../shared/support/logger.ts';
import { currentScope } from '../engine/method-scope.ts';

/** A timer may fail again and again: the first errors say what is wrong. */
const MOST_TOLD = 10;

/**
 * Keeps the node alive when an error that nobody handled comes from the method of a task: a promise that its author did not
 * wait for, or a timer. The error is told to the method, or in the node's log when the method is over. An error of the
 * node itself ends the node as before. Returns what takes this back.
 */
export function containTaskErrors(log: Pick<Logger, 'error'>): () => void {
  const onError = (error: unknown): void => {
    const scope = currentScope();
    if (!scope) return endWith(error);
    const { kind, taskId, state, method, isOver } = scope;
    if (!isOver && scope.unhandled.length < MOST_TOLD) scope.unhandled.push(error);
    log.error(
      { err: error, kind, taskId, state, method, isOver },
      'the method of a task left an error that nobody handles; an await or a catch is missing there',
    );
  };
  const stop = (): void => {
    process.off('unhandledRejection', onError);
    process.off('uncaughtException', onError);
  };
  /** Ends the program as Node does by itself, with the stack on the screen. */
  const endWith = (error: unknown): void => {
    stop();
    process.nextTick(() => {
      throw error;
    });
  };
  process.on('unhandledRejection', onError);
  process.on('uncaughtException', onError);
  return stop;
}
