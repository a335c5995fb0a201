import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_TRY_INTERVAL_MS, REQUEST_TIMEOUT_MS, retryPauseMs } from '../../../agent/report/retry-backoff.ts';

const longest = (): number => 1 - Number.EPSILON;

describe('the pause before the next try', () => {
  it('is half a second at first, grows by half, and has an end', () => {
    expect([0, 1, 2, 20].map((attempt) => retryPauseMs({ attempt, tookMs: 0 }, longest))).toEqual([
      500, 750, 1_125, 25_000,
    ]);
  });

  it('is any time below its ceiling, so that many containers do not come back at once', () => {
    const drawn = (tookMs: number) => [0, 0.25, 0.5].map((draw) => retryPauseMs({ attempt: 20, tookMs }, () => draw));
    expect(drawn(0)).toEqual([0, 6_250, 12_500]);
    expect(drawn(10_000)).toEqual([0, 3_750, 7_500]);
  });

  it('lets no more than 25 s pass between the beginnings of two tries, however long the first waited for its answer', () => {
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.nat(REQUEST_TIMEOUT_MS),
        fc.option(fc.nat(), { nil: undefined }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempt, tookMs, askedMs, draw) => {
          const pauseMs = retryPauseMs({ attempt, tookMs, askedMs }, () => draw);
          expect(pauseMs).toBeGreaterThanOrEqual(0);
          expect(tookMs + pauseMs).toBeLessThanOrEqual(MAX_TRY_INTERVAL_MS);
        },
      ),
    );
    expect(retryPauseMs({ attempt: 3, tookMs: 60_000 }, longest)).toBe(0);
  });

  it('is what the server asks for, to the millisecond, as far as the 25 s allow', () => {
    const asked = (askedMs: number) => retryPauseMs({ attempt: 0, tookMs: 1_000, askedMs }, longest);
    expect([0, 7_000, 24_000, 300_000].map(asked)).toEqual([0, 7_000, 24_000, 24_000]);
  });
});
