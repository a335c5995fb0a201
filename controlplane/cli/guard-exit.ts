import { callWithin, CallTooLong } from './call-within.ts';

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
    for (const listener of others) reportFault(latest - Date.now(), () => listener.call(process, code), tell);
    // In a listener of `exit` it ends the process at once, and asks no other listener.
    exit(code);
  };
  process.prependListener('exit', onExit);
}

function reportFault(limitMs: number, call: () => void, tell: (error: unknown) => void): void {
  try {
    callWithin(limitMs, call);
  } catch (error) {
    const tooLong = new Error(`it went on, and was stopped ${LIMIT_MS / 1000} s after the first one began`);
    tell(error instanceof CallTooLong ? tooLong : error);
  }
}

function refuseExit(): never {
  throw new Error('process.exit() was called by a listener for the end of the process');
}
