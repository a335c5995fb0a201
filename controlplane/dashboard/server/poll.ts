import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { connection, retryAt, retryDelayMs } from './connection.ts';
import { giveUpReads } from './give-up.ts';
import { RequestRefused } from './request.ts';

const HIDDEN_MS = 15_000;

/**
 * Calls `read` at once, then every `intervalMs` (15 s while the page is hidden), and later and later while the server
 * cannot be reached. A page that is shown again reads at once.
 */
export function usePoll(read: () => Promise<void>, intervalMs: number, keys: readonly unknown[] = []): void {
  useEffect(() => {
    const polling = startPolling(read, intervalMs);
    return () => polling.stop();
  }, keys);
}

export interface Polled<T> {
  /** What was read last; null: nothing yet. It stays while the server cannot be reached. */
  readonly value: T | null;
  /** When it was read, in milliseconds since 1970. */
  readonly at: number;
  /** What the server said the last time instead of what was asked for. */
  readonly problem: string | null;
}

/** Reads as `usePoll` does and keeps what was read. */
export function usePolled<T>(read: () => Promise<T>, intervalMs: number): Polled<T> {
  const polled = useSignal<Polled<T>>({ value: null, at: 0, problem: null });
  usePoll(async () => {
    try {
      polled.value = { value: await read(), at: Date.now(), problem: null };
    } catch (error) {
      if (error instanceof RequestRefused) polled.value = { ...polled.value, problem: error.message };
      throw error;
    }
  }, intervalMs);
  return polled.value;
}

const wakes = new Set<() => void>();

/** Calls `wake` when somebody wants everything to be tried now. Returns the function that ends this. */
export function onWake(wake: () => void): () => void {
  wakes.add(wake);
  return () => wakes.delete(wake);
}

/** Asks everything again now, without waiting for its time. */
export function pollNow(): void {
  for (const wake of [...wakes]) wake();
}

/** Asks everything again now, also what still waits for an answer that may never come. */
export function tryNow(): void {
  giveUpReads();
  pollNow();
}

function startPolling(read: () => Promise<void>, intervalMs: number): { stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  let isReading = false;
  let isAskedAgain = false;
  let failures = 0;
  const run = async (): Promise<void> => {
    clearTimeout(timer);
    // What is read now may be older than what made somebody ask.
    if (isReading) isAskedAgain = true;
    if (isReading || isStopped) return;
    isReading = true;
    isAskedAgain = false;
    try {
      await read();
      failures = 0;
    } catch (error) {
      // A refusal is an answer; whoever shows the data says so.
      failures = error instanceof RequestRefused ? 0 : failures + 1;
    } finally {
      isReading = false;
    }
    if (isStopped) return;
    if (isAskedAgain) return void run();
    const waitMs = failures > 0 ? retryDelayMs(failures) : document.hidden ? HIDDEN_MS : intervalMs;
    if (connection.value === 'lost') retryAt.value = Date.now() + waitMs;
    timer = setTimeout(() => void run(), waitMs);
  };
  const wake = (): void => void run();
  const shown = (): void => {
    if (!document.hidden) wake();
  };
  wakes.add(wake);
  document.addEventListener('visibilitychange', shown);
  wake();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
      wakes.delete(wake);
      document.removeEventListener('visibilitychange', shown);
    },
  };
}
