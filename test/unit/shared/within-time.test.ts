import { describe, expect, it } from 'vitest';
import { LATE, withinTime } from '../../../shared/time/within-time.ts';

/** A clock on which time passes by `pass` only, and whose sleeps end on abort. */
function standingClock() {
  const sleepers = new Map<() => void, number>();
  return {
    sleepers,
    pass: (ms: number): void => {
      for (const [wake, sleepMs] of [...sleepers]) if (sleepMs <= ms) wake();
    },
    sleep: (ms: number, abort?: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        const wake = (): void => {
          sleepers.delete(wake);
          resolve();
        };
        if (abort?.aborted) return resolve();
        sleepers.set(wake, ms);
        abort?.addEventListener('abort', wake, { once: true });
      }),
  };
}

describe('work with a time limit', () => {
  it('gives its result when it ends in time, and leaves no sleep behind', async () => {
    const clock = standingClock();
    expect(await withinTime(Promise.resolve('done'), { clock, limitMs: 1_000 })).toBe('done');
    expect(clock.sleepers.size).toBe(0);
  });

  it('passes its error on when it fails in time, and leaves no sleep behind', async () => {
    const clock = standingClock();
    const failing = withinTime(Promise.reject(new Error('broken')), { clock, limitMs: 1_000 });
    await expect(failing).rejects.toThrow('broken');
    expect(clock.sleepers.size).toBe(0);
  });

  it('is late when the time is over, and a later error of it is nobody’s', async () => {
    const clock = standingClock();
    const work = Promise.withResolvers<string>();
    const limited = withinTime(work.promise, { clock, limitMs: 1_000 });
    clock.pass(999);
    expect(clock.sleepers.size).toBe(1);
    clock.pass(1_000);
    expect(await limited).toBe(LATE);
    // An unhandled rejection would fail the test run.
    work.reject(new Error('too late'));
  });

  it.each(['before', 'meanwhile'])('is late when the wait was aborted %s', async (when) => {
    const clock = standingClock();
    const stop = new AbortController();
    if (when === 'before') stop.abort();
    const limited = withinTime(new Promise<never>(() => undefined), { clock, limitMs: 1_000, abort: stop.signal });
    stop.abort();
    expect(await limited).toBe(LATE);
    expect(clock.sleepers.size).toBe(0);
  });
});
