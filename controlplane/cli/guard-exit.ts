import { Script } from 'node:vm';

/** Far more than what gives back a file or a lock takes. */
const LIMIT_MS = 5_000;

/**
 * Makes this process end with its own exit code, whatever the listeners for its end do: those of task classes and their libraries
 * are called, but may neither fail, nor choose another code, nor go on for ever. `tell` must write at once.
 */
export function guardExit(tell: (error: unknown) => void): void {
  const onExit = (code: number): void => {
    const others = process.listeners('exit').filter((one) => one !== onExit);
    // Node's own way to the end does more, such as keeping the cache of compiled code.
    if (others.length === 0) return;
    const { exit } = process;
    process.exit = refuseExit;
    const latest = Date.now() + LIMIT_MS;
    for (const listener of others) callWithin(latest - Date.now(), () => listener.call(process, code), tell);
    // In a listener of `exit` it ends the process at once, and asks no other listener.
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

/** Node makes this error in the context of the script, where it is no instance of the Error of this one. */
function isTimeout(error: unknown): boolean {
  try {
    return (error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
  } catch {
    return false; // whatever a listener throws may have getters that throw
  }
}

function refuseExit(): never {
  throw new Error('process.exit() was called by a listener for the end of the process');
}
