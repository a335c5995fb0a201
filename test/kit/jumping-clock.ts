import { systemClock, type Clock } from '../../shared/time/clock.ts';
import { FollowingAbort } from '../../shared/time/following-abort.ts';

/** The machine's clock, which a test can advance. All sleeps that are over by then end in the same tick. */
export class JumpingClock implements Clock {
  #aheadMs = 0;
  readonly #sleepers = new Set<{ readonly endMs: number; readonly wake: FollowingAbort }>();

  now(): Date {
    return new Date(systemClock.now().getTime() + this.#aheadMs);
  }

  monotonicMs(): number {
    return systemClock.monotonicMs() + this.#aheadMs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const sleeper = { endMs: this.monotonicMs() + ms, wake: new FollowingAbort(...(signal ? [signal] : [])) };
    this.#sleepers.add(sleeper);
    await systemClock.sleep(ms, sleeper.wake.signal);
    sleeper.wake.release();
    this.#sleepers.delete(sleeper);
  }

  jump(ms: number): void {
    this.#aheadMs += ms;
    for (const sleeper of this.#sleepers) if (sleeper.endMs <= this.monotonicMs()) sleeper.wake.abort();
  }
}
