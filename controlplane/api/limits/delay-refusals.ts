import { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Logger } from '../../../shared/system/logger.ts';
import { createRateLimiter } from './rate-limiter.ts';

/**
 * The rate of refusals that this node answers without delay. Mistakes of people and programs stay far below it. A flood consists
 * of refused signatures, tokens, hosts or rates.
 */
const AT_ONCE = { perSecond: 50, burst: 200 } as const;

// One second is the least that a Retry-After can say. A sender that waits for answers then makes no more requests a
// second than it has requests under way. One that does not wait fills the buffers of its own connection.
const DELAY_MS = 1_000;

export type Pace = 'at once' | 'delayed';

/** Waits before a refusal is answered while there are too many refusals. Returns whether it waited. */
export type RefusalDelay = (request: FastifyRequest) => Promise<Pace>;

/**
 * Delays refusals once there is a flood, and reads nothing more from their connections meanwhile. An immediate refusal
 * would let the sender make its next request at once: 64 connections had 7,000 to 15,000 refusals a second, and signals of
 * other containers waited for 0.3 to 3 s meanwhile (measured 2026-11 on two cores).
 */
export function createRefusalDelay({ clock, log }: { readonly clock: Clock; readonly log: Logger }): RefusalDelay {
  const onRefused = (): void => log.warn(AT_ONCE, 'more requests are refused than answered at once: the rest waits');
  // One bucket: a flood may come from many senders, each of which is new.
  const refusals = createRateLimiter({ ...AT_ONCE, clock, onRefused, mostKeys: 1 });
  return async (request) => {
    if (refusals.take('') === 0) return 'at once';
    const { socket } = request.raw;
    const connection = socket instanceof Socket ? socket : null; // injected requests have none
    connection?.pause();
    await clock.sleep(DELAY_MS);
    connection?.resume();
    return 'delayed';
  };
}
