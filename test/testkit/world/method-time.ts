import { LATE } from '../../../shared/support/within-time.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The time limit of methods in virtual time: calls that are not answered use it up, and a method that hangs does. */
export class MethodTime {
  readonly #clock: VirtualClock;
  #giveUp: (() => void) | null = null;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  async within<T>(work: PromiseLike<T>, limitMs: number): Promise<T | typeof LATE> {
    const startMs = this.#clock.nowMs;
    const hangs = new Promise<typeof LATE>((resolve) => {
      this.#giveUp = () => {
        this.#clock.advanceTo(startMs + limitMs);
        resolve(LATE);
      };
    });
    try {
      const result = await Promise.race([work, hangs]);
      return this.#clock.nowMs - startMs > limitMs ? LATE : result;
    } finally {
      this.#giveUp = null;
    }
  }

  /** Ends the method that is under way, as if its time were over. Returns false when none is. */
  giveUp(): boolean {
    this.#giveUp?.();
    return this.#giveUp !== null;
  }
}
