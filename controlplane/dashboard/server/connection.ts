import { signal } from '@preact/signals';

/**
 * What is known of the way to the server. `live`: an answer came lately. `lost`: the last request got none, and what is
 * shown is as old as `heardAt`.
 */
export type ConnectionState = 'connecting' | 'live' | 'lost';

export const connection = signal<ConnectionState>('connecting');
/** When an answer or an event came last, by the clock of the browser; null before the first. */
export const heardAt = signal<number | null>(null);
/** When the next attempt is made; null while all is well. */
export const retryAt = signal<number | null>(null);
/** The browser's clock, a second at a time: ages count on while nothing is heard. */
export const now = signal(Date.now());

setInterval(() => (now.value = Date.now()), 1000);

export function noteAnswer(): void {
  heardAt.value = Date.now();
  retryAt.value = null;
  connection.value = 'live';
}

export function noteSilence(): void {
  connection.value = 'lost';
}

/** After 1, 2, 4 … 30 s: a node that is restarted is back within seconds, and one that is gone is not asked in a loop. */
export function retryDelayMs(failures: number): number {
  return Math.min(30_000, 1000 * 2 ** Math.max(0, failures - 1));
}
