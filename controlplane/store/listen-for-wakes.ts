import pg from 'pg';
import { TaskId } from '../../shared/model/ids.ts';
import type { Clock } from '../../shared/support/clock.ts';
import type { Log } from '../../shared/support/log.ts';
import { WAKE_CHANNEL } from './wake-channel.ts';

export interface WakeListener {
  readonly url: string;
  /** A task has become runnable, or null: anything may have (the connection was down for a while). */
  readonly onWake: (task: TaskId | null) => void;
  readonly log: Log;
  readonly clock: Clock;
}

// Nodes look at the clock once a second anyway, so a second without hints costs at most that.
const RECONNECT_MS = 1_000;

/** Listens on a connection of its own until `signal` aborts; connects again whenever it breaks. */
export async function listenForWakes(listener: WakeListener, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await listenOnce(listener, signal);
    } catch (error) {
      listener.log.warn({ error }, 'listening for wakes failed');
    }
    await listener.clock.sleep(RECONNECT_MS, signal);
  }
}

/** Resolves when the connection ended, by itself or by the signal. */
async function listenOnce(listener: WakeListener, signal: AbortSignal): Promise<void> {
  const client = new pg.Client({ connectionString: listener.url, application_name: 'wip-listen', keepAlive: true });
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  client.on('error', (error) => listener.log.warn({ error }, 'the listening connection broke'));
  client.on('notification', (message) => {
    const id = TaskId.safeParse(message.payload);
    listener.onWake(id.success ? id.data : null);
  });
  const stop = (): void => void client.end().catch(() => undefined); // It has ended already.
  try {
    await client.connect();
    await client.query(`LISTEN ${WAKE_CHANNEL}`);
    listener.onWake(null);
    if (signal.aborted) return;
    signal.addEventListener('abort', stop, { once: true });
    await ended;
  } finally {
    signal.removeEventListener('abort', stop);
    await client.end().catch(() => undefined); // As above.
  }
}
