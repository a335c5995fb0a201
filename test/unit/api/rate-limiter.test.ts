import { describe, expect, it } from 'vitest';
import { createRateLimiter } from '../../../controlplane/api/limits/rate-limiter.ts';
import { limitConcurrency } from '../../../controlplane/api/limits/limit-concurrency.ts';
import { systemClock } from '../../../shared/time/clock.ts';

/** Returns a limiter of 2 requests a second and 4 at once, whose time moves by `pass` only. */
function limiter(mostKeys?: number) {
  let nowMs = 0;
  const told: string[] = [];
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const options = { perSecond: 2, burst: 4, clock, onRefused: (key: string) => void told.push(key) };
  const limit = createRateLimiter(mostKeys === undefined ? options : { ...options, mostKeys });
  return {
    take: (key: string, times = 1) => Array.from({ length: times }, () => limit.take(key)),
    pass: (ms: number) => void (nowMs += ms),
    told,
  };
}

describe('createRateLimiter', () => {
  it('accepts a burst, then as many as the rate allows, and says when the next one is due', () => {
    const { take, pass } = limiter();
    expect(take('a', 5)).toEqual([0, 0, 0, 0, 0.5]);
    pass(250);
    expect(take('a')).toEqual([0.25]);
    pass(250);
    expect(take('a', 2)).toEqual([0, 0.5]);
  });

  it('keeps the keys apart', () => {
    const { take } = limiter();
    take('a', 5);
    expect(take('b')).toEqual([0]);
  });

  it('tells of a sender once, and again after it has kept its rate for a while', () => {
    const { take, pass, told } = limiter();
    take('a', 50);
    pass(500);
    take('a', 50);
    expect(told).toEqual(['a']);
    pass(2_000);
    take('a', 50);
    expect(told).toEqual(['a', 'a']);
  });

  it('forgets the keys unused for longest', () => {
    const { take } = limiter(2);
    take('a', 5);
    take('b');
    take('c');
    expect(take('a')).toEqual([0]);
  });
});

describe('limitConcurrency', () => {
  it('runs so many at once, lets so many wait, and refuses the rest', async () => {
    const running: (() => void)[] = [];
    const run = limitConcurrency({ atOnce: 1, waiting: 1, what: 'Too many' }, async (name: string) => {
      await new Promise<void>((resolve) => running.push(resolve));
      if (name === 'first') throw new Error('it failed');
      return name;
    });
    const first = run('first');
    const second = run('second');
    await expect(run('third')).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 2 });
    running[0]!();
    await expect(first).rejects.toThrow('it failed');
    await Promise.resolve();
    running[1]!();
    expect(await second).toBe('second');
    const fourth = run('fourth');
    running[2]!();
    expect(await fourth).toBe('fourth');
  });
});
