import { retryAfterMs } from '../../shared/http/retry-after.ts';
import type { SendOutcome } from './send-request.ts';

/** A request that was tried, as far as the decision needs it. */
export interface TriedRequest {
  /** Number of tries, the present one included. */
  readonly tries: number;
  /** Whether the request may be sent again when no one knows whether it arrived. */
  readonly isRepeatable: boolean;
  /** The time of the request is over. */
  readonly isLast: boolean;
  /** Each try is signed anew, at the time of this node. */
  readonly isSigned?: boolean;
}

export type TryDecision =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  /** The receiver refuses the request, or could not be reached in time; null: no answer came. */
  | { readonly kind: 'refused'; readonly status: number | null; readonly body: string; readonly message: string }
  /** The request may have arrived and must not be sent again. */
  | { readonly kind: 'unknown'; readonly message: string }
  | { readonly kind: 'again'; readonly afterSeconds: number; readonly message: string };

// Waits of 1, 2, 4 … 600 s: short for the end of a deployment, long for a service that is down for a night.
const LONGEST_WAIT_SECONDS = 600;
// No service that means its Retry-After asks for more than this.
const LONGEST_RETRY_AFTER_SECONDS = 3_600;
// Answers that say "come back" and that nothing was done: too early, too many requests, not available (RFC 8470,
// 6585, 9110).
const COME_BACK: ReadonlySet<number> = new Set([425, 429, 503]);
const REQUEST_TIMEOUT = 408;
const UNAUTHORIZED = 401;

/** Returns what follows from one try of a request. `now` serves for a Retry-After that is a date. */
export function decideTry(outcome: SendOutcome, tried: TriedRequest, now: Date): TryDecision {
  if (outcome.kind === 'no-answer') return again(`no answer: ${outcome.message}`, outcome.neverSent, tried, 0);
  if (outcome.kind === 'forbidden') return { kind: 'refused', status: null, body: '', message: outcome.message };
  const { status, body } = outcome;
  if (status >= 200 && status < 300) return { kind: 'answered', status, body };
  const message = `it was answered ${status}`;
  if (COME_BACK.has(status)) {
    const askedSeconds = (retryAfterMs(outcome.headers['retry-after'] ?? null, now) ?? 0) / 1_000;
    return again(message, true, tried, Math.min(LONGEST_RETRY_AFTER_SECONDS, askedSeconds));
  }
  // A signature is refused for a clock that is wrong here or there, or a key that is just being replaced: both pass.
  if (status === UNAUTHORIZED && tried.isSigned === true) return again(message, true, tried, 0);
  if (status === REQUEST_TIMEOUT || status >= 500) return again(message, false, tried, 0);
  return { kind: 'refused', status, body, message };
}

/** Decides about an abandoned try, of which no one knows whether it was sent. null: the request may be sent again. */
export function decideAbandoned({ isRepeatable }: TriedRequest): TryDecision | null {
  if (isRepeatable) return null;
  return {
    kind: 'unknown',
    message: 'the node that tried it died, or the database was restored, before an answer was known',
  };
}

function again(message: string, wasNotTaken: boolean, tried: TriedRequest, atLeastSeconds: number): TryDecision {
  if (!wasNotTaken && !tried.isRepeatable) return { kind: 'unknown', message };
  if (tried.isLast) {
    const tries = tried.tries === 1 ? 'one try' : `${tried.tries} tries`;
    return { kind: 'refused', status: null, body: '', message: `given up after ${tries}; the last: ${message}` };
  }
  const wait = Math.min(LONGEST_WAIT_SECONDS, 2 ** (tried.tries - 1));
  return { kind: 'again', afterSeconds: Math.max(wait, atLeastSeconds), message };
}
