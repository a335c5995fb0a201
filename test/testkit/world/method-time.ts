import { LATE } from '../../../shared/time/within-time.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The time limit of methods in virtual time: calls that are not answered use it up, and a method that hangs does. */
export class MethodTime {
  readonly #clock: VirtualClock;
  #giveUp: (() => void) | null = null;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  within<T>(work: PromiseLike<T>, limitMs: number): Promise<T | typeof LATE> {
    const startMs = this.#clock.nowMs;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#over(giveUp);
        this.#clock.advanceTo(startMs + limitMs);
        resolve(LATE);
      };
      this.#giveUp = giveUp;
      work.then(
        (result) => {
          this.#over(giveUp);
          resolve(this.#clock.nowMs - startMs > limitMs ? LATE : result);
        },
        (error: unknown) => {
          this.#over(giveUp);
          reject(error as Error);
        },
      );
    });
  }

  /** A method that was given up may end when another one is under way. */
  #over(giveUp: () => void): void {
    if (this.#giveUp === giveUp) this.#giveUp = null;
  }

  /** Ends the method that is under way, as if its time were over. Returns false when none is. */
  giveUp(): boolean {
    const giveUp = this.#giveUp;
    giveUp?.();
    return giveUp !== null;
  }
}
