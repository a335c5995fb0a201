import { computed, signal } from '@preact/signals';
import { giveUpReads } from './give-up.ts';
import { SilenceWatch } from './silence.ts';

/**
 * What is known of the way to the server. `live`: an answer came lately. `silent`: one has been awaited for some seconds.
 * `lost`: there was none, and what is shown is as old as `heardAt`.
 */
export type ConnectionState = 'connecting' | 'live' | 'silent' | 'lost';

export const connection = signal<ConnectionState>('connecting');
/** When an answer or an event came last, by the clock of the browser; null before the first. */
export const heardAt = signal<number | null>(null);
/** When the next attempt is made; null while all is well. */
export const retryAt = signal<number | null>(null);
/** The browser's clock, a second at a time: ages count on while nothing is heard. */
export const now = signal(Date.now());

/** The node does not answer: what would change something cannot be done now. */
export const isAway = computed(() => connection.value === 'silent' || connection.value === 'lost');
export const AWAY_REASON = 'The node does not answer.';

const silence = new SilenceWatch(Date.now());

/** Says that an answer is awaited from now on. Returns the function that says that the wait is over. */
export function awaitAnswer(): () => void {
  return silence.ask(Date.now());
}

setInterval(() => {
  now.value = Date.now();
  const found = silence.tick(now.value);
  if (found === 'silent') connection.value = 'silent';
  if (found !== 'lost') return;
  noteSilence();
  giveUpReads();
}, 1000);

export function noteAnswer(): void {
  silence.hear(Date.now());
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
