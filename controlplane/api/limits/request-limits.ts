import { sha256Hex } from '../../../shared/keys/signing.ts';
import type { SignalKind } from '../../../shared/protocol/signals.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Logger } from '../../../shared/system/logger.ts';
import { RateLimitedError } from './rate-limited-error.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';

export interface RateSettings {
  /** Requests per second that each API token may make, on this node. */
  readonly tokenRate: number;
  /** Reports (output, heartbeats) per second that each container may send, on this node. */
  readonly containerRate: number;
}

/** A sender may use so many seconds of its rate at once: a script adds a thousand tasks, an agent was cut off. */
const BURST_SECONDS = 10;

// Signals are few: a build has about ten. An agent that sends more is broken or hostile, and each one is a commit.
const OTHER_SIGNALS = { perSecond: 5, burst: 50 } as const;
// A signal about an end has a limit of its own, so other signals never use it up: a process ends every twentieth of a
// second.
const TERMINAL_SIGNALS = { perSecond: 20, burst: 200 } as const;
const TERMINAL: ReadonlySet<SignalKind> = new Set(['output', 'processComplete', 'exit']);

/**
 * A report with 64 pieces of output took 60 ms, and one with a single piece 5 ms (load of 20 on two processors, measured
 * 2026-11). With 8 a full one is within the burst of the smallest rate.
 */
const PIECES_PER_REPORT = 8;

/** Refuses requests beyond the rate of a token or a container. Each function throws RATE_LIMITED. */
export interface RequestLimits {
  /** Called before the token is looked up, so that a flood costs the database nothing. */
  readonly ofToken: (token: string) => void;
  /**
   * Called after the signature was verified, so that nobody else can use the container's rate. A report with many pieces of
   * output counts as several.
   */
  readonly ofReport: (container: string, pieces?: number) => void;
  readonly ofSignal: (container: string, kind: SignalKind) => void;
}

export interface RequestLimitsOptions {
  readonly rates: RateSettings;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createRequestLimits({ rates, clock, log }: RequestLimitsOptions): RequestLimits {
  const limiter = (what: string, perSecond: number, burst: number): RateLimiter =>
    // Neither key is logged: one is a token's hash, the other the secret half of a container's address.
    createRateLimiter({ perSecond, burst, clock, onRefused: () => log.warn({ perSecond }, what) });
  const tokens = limiter(
    'an API token makes more requests than it may',
    rates.tokenRate,
    rates.tokenRate * BURST_SECONDS,
  );
  const reports = limiter(
    'a container sends more reports than it may',
    rates.containerRate,
    rates.containerRate * BURST_SECONDS,
  );
  const ends = limiter(
    'a container tells of more ends than it may',
    TERMINAL_SIGNALS.perSecond,
    TERMINAL_SIGNALS.burst,
  );
  const others = limiter('a container sends more signals than it may', OTHER_SIGNALS.perSecond, OTHER_SIGNALS.burst);
  return {
    ofToken: (token) =>
      refuseAfter(tokens.take(sha256Hex(token)), `This token makes more than ${rates.tokenRate} requests a second`),
    ofReport: (container, pieces = 1) =>
      refuseAfter(
        reports.take(container, Math.ceil(pieces / PIECES_PER_REPORT)),
        `This container sends more than ${rates.containerRate} reports a second`,
      ),
    ofSignal: (container, kind) => {
      const { perSecond } = TERMINAL.has(kind) ? TERMINAL_SIGNALS : OTHER_SIGNALS;
      const wait = (TERMINAL.has(kind) ? ends : others).take(container);
      refuseAfter(wait, `This container sends more than ${perSecond} signals of this kind a second`);
    },
  };
}

function refuseAfter(waitSeconds: number, happened: string): void {
  if (waitSeconds > 0) throw new RateLimitedError(happened, waitSeconds);
}
