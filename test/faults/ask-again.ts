import { messageOf } from '../../shared/model/error.ts';
import { systemClock, type Clock } from '../../shared/time/clock.ts';
import { backoffMs } from '../../shared/time/backoff.ts';

/** The machine did not keep up, so the schedule shows neither that a promise was kept nor that it was broken. */
export class TooSlow extends Error {
  override readonly name = 'TooSlow';
}

export interface AskedAgain {
  readonly status: number;
  readonly text: string;
}

export interface AskOptions {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface AskDeps {
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Sends requests that are signed anew each time. */
  readonly send?: (url: string, options: AskOptions) => Promise<Response>;
}

// Real time, unlike nearly everything here, because a busy machine is awaited. A node starts within a second on an
// idle one, and took half a minute on two cores with a load of 22.
const PATIENCE_MS = 180_000;
const BACKOFF = { firstMs: 50, maxMs: 1_000, factor: 2 };

/**
 * Repeats a request until there is an answer below 500, like a client of a load balancer: a connection that is
 * refused, reset or cut says nothing about the request. Only for requests that may arrive twice, by their nature or
 * by a key that they carry.
 */
export async function askAgain(
  url: string | URL,
  options: AskOptions,
  { clock = systemClock, random = Math.random, send = fetch }: AskDeps = {},
): Promise<AskedAgain> {
  const beganMs = clock.monotonicMs();
  for (let tried = 0; ; tried += 1) {
    const said = await askOnce(() => send(String(url), options));
    if (typeof said !== 'string') return said;
    if (clock.monotonicMs() - beganMs > PATIENCE_MS) {
      throw new TooSlow(`${options.method} ${String(url)} has had no answer for ${PATIENCE_MS / 1_000} s: ${said}`);
    }
    await clock.sleep(backoffMs(BACKOFF, tried, random));
  }
}

/** Returns an answer, or why there is none. */
async function askOnce(send: () => Promise<Response>): Promise<AskedAgain | string> {
  try {
    const answer = await send();
    const text = await answer.text();
    return answer.status < 500 ? { status: answer.status, text } : `${answer.status} ${text}`;
  } catch (error) {
    // fetch throws for a connection that failed: refused, reset, or cut in the middle of the answer.
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return messageOf(cause);
  }
}
