/** The dot says so after this long without an answer that is awaited. */
const SILENT_MS = 2_000;
/** After this long the banner says so too, and what is awaited is given up and asked anew. */
const LOST_MS = 5_000;
/** The clock ticks each second. A tick that comes later than this: the page itself, or the machine, had stopped. */
const LATE_TICK_MS = 2_500;

export type Silence = 'none' | 'silent' | 'lost';

/** How long the node has said nothing although it was asked: requests may hang for as long as a connection stands. */
export class SilenceWatch {
  readonly #asked = new Set<{ readonly atMs: number }>();
  #heardAtMs = -Infinity;
  #tickedAtMs: number;
  #isLost = false;
  /** What was awaited before does not count: it was given up, or the page was not there to hear the answer. */
  #countsFromMs = -Infinity;

  constructor(nowMs: number) {
    this.#tickedAtMs = nowMs;
  }

  /** Returns the function that says that the wait is over, however it ended. */
  ask(nowMs: number): () => void {
    const asked = { atMs: nowMs };
    this.#asked.add(asked);
    return () => void this.#asked.delete(asked);
  }

  /** The node answered, whatever it was asked. */
  hear(nowMs: number): void {
    this.#heardAtMs = nowMs;
    this.#isLost = false;
  }

  /** Called each second. `lost` is said anew each time that what is awaited should be given up. */
  tick(nowMs: number): Silence {
    if (nowMs - this.#tickedAtMs > LATE_TICK_MS) this.#countsFromMs = nowMs;
    this.#tickedAtMs = nowMs;
    const first = Math.min(...[...this.#asked].map(({ atMs }) => atMs));
    const silentMs = nowMs - Math.max(first, this.#heardAtMs, this.#countsFromMs);
    if (silentMs >= LOST_MS) {
      this.#countsFromMs = nowMs;
      this.#isLost = true;
      return 'lost';
    }
    return !this.#isLost && silentMs >= SILENT_MS ? 'silent' : 'none';
  }
}
