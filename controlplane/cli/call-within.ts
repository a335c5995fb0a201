import { Script } from 'node:vm';

/** A call that did not come to its end in the time that it had. Nothing of it goes on. */
export class CallTooLong extends Error {
  override readonly name = 'CallTooLong';
}

const CALL = new Script('call()');

/**
 * Calls a function of other people's code and returns what it returns. One that goes on for ever, such as an endless loop, is
 * ended after the time, which nothing else in the same thread could do. It throws CallTooLong then.
 */
export function callWithin<T>(limitMs: number, call: () => T): T {
  try {
    return CALL.runInNewContext({ call }, { timeout: Math.max(1, limitMs) }) as T;
  } catch (error) {
    throw isTimeout(error) ? new CallTooLong(`It had not come to its end after ${limitMs} ms.`) : error;
  }
}

/** Node makes this error in the context of the script, where it is no instance of the Error of this one. */
function isTimeout(error: unknown): boolean {
  try {
    return (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
  } catch {
    return false; // what other people's code throws may have getters that throw
  }
}
