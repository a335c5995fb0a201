import { useEffect } from 'preact/hooks';
import { connection, retryAt, retryDelayMs } from './connection.ts';
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

function startPolling(read: () => Promise<void>, intervalMs: number): { stop(): void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  let isReading = false;
  let failures = 0;
  const run = async (): Promise<void> => {
    clearTimeout(timer);
    if (isReading || isStopped) return;
    isReading = true;
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
