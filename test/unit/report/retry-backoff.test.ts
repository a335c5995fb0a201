import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TRY_INTERVAL_MS, REQUEST_TIMEOUT_MS, retryPauseMs } from '../../../agent/report/retry-backoff.ts';

const longest = (): number => 1 - Number.EPSILON;

describe('the pause before the next try', () => {
  it('is half a second at first, grows by half, and has an end', () => {
    expect([0, 1, 2, 20].map((attempt) => retryPauseMs(attempt, 0, longest))).toEqual([500, 750, 1_125, 25_000]);
  });

  it('is any time below its ceiling, so that many containers do not come back at once', () => {
    expect([0, 0.25, 0.5].map((draw) => retryPauseMs(20, 0, () => draw))).toEqual([0, 6_250, 12_500]);
    expect([0, 0.25, 0.5].map((draw) => retryPauseMs(20, 10_000, () => draw))).toEqual([0, 3_750, 7_500]);
  });

  it('lets no more than 25 s pass between the beginnings of two tries, however long the first waited for its answer', () => {
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.nat(REQUEST_TIMEOUT_MS),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, tookMs, draw) => {
          const pauseMs = retryPauseMs(attempt, tookMs, () => draw);
          expect(pauseMs).toBeGreaterThanOrEqual(0);
          expect(tookMs + pauseMs).toBeLessThanOrEqual(MAX_TRY_INTERVAL_MS);
        },
      ),
    );
    expect(retryPauseMs(3, 60_000, longest)).toBe(0);
  });
});
