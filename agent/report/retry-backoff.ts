import { backoffMs, type BackoffOptions } from '../../shared/time/backoff.ts';

/** A container that cannot be heard for so long tries another connection: AWS SDKs' default connect timeout. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** 0.5 s growing by half, full jitter, without a limit of count. */
const FIRST_BACKOFF = { firstMs: 500, factor: 1.5 } as const satisfies Partial<BackoffOptions>;

/**
 * The longest time from the beginning of one try to that of the next. A control plane that comes back has everything
 * that waited within 30 s; five of them are for the sending, of a hundred signals of 50 ms each.
 */
export const MAX_TRY_INTERVAL_MS = 25_000;

export interface Try {
  /** Counts from 0. */
  readonly attempt: number;
  /** Counts as part of the pause: a try that ran into its timeout has waited already. */
  readonly tookMs: number;
  /** The pause that the server asked for with Retry-After. */
  readonly askedMs?: number | undefined;
}

/**
 * The pause after a try. What the server asks for holds as far as the interval allows: a proxy that answers for a control
 * plane which is away cannot know when it is back. Of our own pauses the ceiling is lowered and not the draw, for a draw
 * that is cut would bring all containers back at the same moment. `random` gives [0, 1).
 */
export function retryPauseMs({ attempt, tookMs, askedMs }: Try, random: () => number): number {
  const maxMs = Math.max(0, MAX_TRY_INTERVAL_MS - tookMs);
  return askedMs === undefined ? backoffMs({ ...FIRST_BACKOFF, maxMs }, attempt, random) : Math.min(askedMs, maxMs);
}
