import type { Clock } from '../../../shared/time/clock.ts';

interface Event {
  readonly atMs: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Time that passes only when it is told to, and the events that are due in it. */
export class VirtualClock implements Clock {
  readonly startMs: number;
  #nowMs: number;
  /** Sorted by time; of events at the same time, the earlier planned comes first. */
  readonly #events: Event[] = [];

  constructor(start: Date) {
    this.startMs = start.getTime();
    this.#nowMs = this.startMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs - this.startMs;
  }

  /** Seconds since the start. */
  seconds(): number {
    return (this.#nowMs - this.startMs) / 1000;
  }

  /** Plans an event; one in the past is due now. Returns what cancels it. */
  at(atMs: number, run: () => void): () => void {
    const event: Event = { atMs: Math.max(atMs, this.#nowMs), run, isCancelled: false };
    let index = this.#events.length;
    while (index > 0 && this.#events[index - 1]!.atMs > event.atMs) index -= 1;
    this.#events.splice(index, 0, event);
    return () => {
      event.isCancelled = true;
    };
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.at(this.#nowMs + ms, resolve);
      const end = (): void => {
        cancel();
        resolve();
      };
      signal?.addEventListener('abort', end, { once: true });
    });
  }

  /** Returns when the next event is due; null: none is planned. */
  nextEventMs(): number | null {
    while (this.#events[0]?.isCancelled) this.#events.shift();
    return this.#events[0]?.atMs ?? null;
  }

  /** Lets time pass until then, with all that is due meanwhile. */
  advanceTo(atMs: number): void {
    for (let next = this.nextEventMs(); next !== null && next <= atMs; next = this.nextEventMs()) {
      this.#nowMs = Math.max(this.#nowMs, next);
      this.#events.shift()!.run();
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  advanceSeconds(seconds: number): void {
    this.advanceTo(this.#nowMs + seconds * 1000);
  }
}
