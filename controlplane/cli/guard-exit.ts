import { Script } from 'node:vm';

/** Far more than a listener needs to release a file or a lock. */
const LIMIT_MS = 5_000;

/**
 * Makes this process end with its own exit code, whatever its `exit` listeners do. Listeners of task classes and their libraries
 * are called, but cannot make it fail, change the code or run for ever. `tell` must write at once.
 */
export function guardExit(tell: (error: unknown) => void): void {
  const onExit = (code: number): void => {
    const others = process.listeners('exit').filter((one) => one !== onExit);
    // Node then ends by itself, which does more, such as saving the cache of compiled code.
    if (others.length === 0) return;
    const { exit } = process;
    process.exit = refuseExit;
    const latest = Date.now() + LIMIT_MS;
    for (const listener of others) callWithin(latest - Date.now(), () => listener.call(process, code), tell);
    // Within an `exit` listener this call ends the process at once, without calling further listeners.
    exit(code);
  };
  process.prependListener('exit', onExit);
}

const CALL = new Script('call()');

function callWithin(limitMs: number, call: () => void, tell: (error: unknown) => void): void {
  try {
    CALL.runInNewContext({ call }, { timeout: Math.max(1, limitMs) });
  } catch (error) {
    tell(
      isTimeout(error)
        ? new Error(`it went on, and was stopped ${LIMIT_MS / 1000} s after the first one began`)
        : error,
    );
  }
}

/** Node creates this error in the context of the script, so it is not an instance of this context's Error. */
function isTimeout(error: unknown): boolean {
  try {
    return (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
  } catch {
    return false; // a thrown value may have getters that throw
  }
}

function refuseExit(): never {
  throw new Error('process.exit() was called by a listener for the end of the process');
}
