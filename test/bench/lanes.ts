import { quantile } from './measure.ts';

/** Returns milliseconds of the one clock that all processes of a machine share (CLOCK_MONOTONIC). */
export function machineMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Receivers that report when they have heard a message: tasks, workflows, or jobs of a queue. */
export interface Lanes {
  readonly count: number;
  /** Resolves when the message is committed. */
  send(lane: number): Promise<void>;
  /** Returns when the lane next hears a message, on the machine's clock. */
  next(lane: number): Promise<number>;
}

/** Connects the waiters for a lane with the code that reports its messages. */
export class Ear {
  readonly #waiting = new Map<number, (atMs: number) => void>();

  next(lane: number): Promise<number> {
    return new Promise((resolve) => this.#waiting.set(lane, resolve));
  }

  tell(lane: number, atMs: number): void {
    this.#waiting.get(lane)?.(atMs);
    this.#waiting.delete(lane);
  }
}

export interface Wakes {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly count: number;
}

/**
 * Sends one message after the other, each to another lane. Measures the time from the commit to the code that hears
 * it.
 */
export async function measureWakes(lanes: Lanes, count: number): Promise<Wakes> {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const lane = n % lanes.count;
    const heard = lanes.next(lane);
    await lanes.send(lane);
    const committedMs = machineMs();
    // The message may be heard before the sender learns of its commit.
    times.push(Math.max(0, (await heard) - committedMs));
  }
  return { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99), count };
}

/**
 * Uses a number of lanes at once, each of which gets its next message when it has heard the last. Returns messages a
 * second.
 */
export async function measureCycles(lanes: Lanes, concurrency: number, forMs: number): Promise<number> {
  const startedMs = machineMs();
  let cycles = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async (_, lane) => {
      while (machineMs() - startedMs < forMs) {
        const heard = lanes.next(lane);
        await lanes.send(lane);
        await heard;
        cycles += 1;
      }
    }),
  );
  return (cycles * 1_000) / (machineMs() - startedMs);
}
