import { messageOf } from '../../../shared/model/error.ts';

/** Returns the HTTP status that the engine answered with; null when it did not answer. */
export function engineStatusOf(error: unknown): number | null {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : null;
}

/** Returns what the engine said, as the agent of ECS passes it on. */
export function engineSentence(error: unknown): string {
  const message = messageOf(error);
  // The client puts the status before what the engine answered: "(HTTP code 404) no such image - …".
  const said = engineStatusOf(error) === null ? undefined : /^\(HTTP code \d+\) [^-]* - (.*)$/s.exec(message)?.[1];
  return said === undefined ? message : `Error response from daemon: ${said.trim()}`;
}

/** Returns the answer of a call, or null when the engine knows no such thing. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (engineStatusOf(error) === 404) return null;
    throw error;
  }
}

/** Waits for a call that is pointless for a container that is over or gone by now. */
export async function unlessOver(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    const status = engineStatusOf(error);
    if (status !== 404 && status !== 409) throw error;
  }
}
