import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/time/clock.ts';
import { WakeableTimer } from '../../../shared/time/wakeable-timer.ts';

const A_DAY_MS = 86_400_000;

describe('WakeableTimer', () => {
  it('ends a sleep when somebody wakes it', async () => {
    const timer = new WakeableTimer(systemClock);
    const slept = timer.sleep(A_DAY_MS);
    timer.wake();
    await slept;
  });

  it('does not begin a sleep when it was woken since the last reset', async () => {
    const timer = new WakeableTimer(systemClock);
    timer.wake();
    await timer.sleep(A_DAY_MS);
    await timer.sleep(A_DAY_MS);
  });

  it('sleeps its whole time when no wake came since the last reset', async () => {
    const asked: { ms: number; isWoken: boolean }[] = [];
    const timer = new WakeableTimer({
      ...systemClock,
      sleep: async (ms, signal) => void asked.push({ ms, isWoken: signal?.aborted ?? false }),
    });
    timer.wake();
    timer.reset();
    await timer.sleep(5);
    timer.wake();
    await timer.sleep(6);
    expect(asked).toEqual([
      { ms: 5, isWoken: false },
      { ms: 6, isWoken: true },
    ]);
  });

  it('ends a sleep when the program stops', async () => {
    const stop = new AbortController();
    const slept = new WakeableTimer(systemClock).sleep(A_DAY_MS, stop.signal);
    stop.abort();
    await slept;
  });
});
