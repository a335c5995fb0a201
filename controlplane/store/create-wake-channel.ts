import pg from 'pg';
import { TaskId } from '../../shared/model/ids.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { DatabaseOutage } from './database-outage.ts';
import { ANY_TASK, WAKE_CHANNEL } from './wake-channel.ts';

export interface WakeChannelOptions {
  readonly url: string;
  /**
   * Called when a task has become runnable or has ended; null: any task may have, because no notification could be received for a
   * while.
   */
  readonly onWake: (task: TaskId | null) => void;
  /** Notes each connection that breaks. */
  readonly outage: DatabaseOutage;
  readonly clock: Clock;
}

/** Channel by which nodes notify each other that there is work. It carries hints: each node claims once a second anyway. */
export interface WakeChannel {
  /**
   * Notifies this node at once and the others soon. Call it after the commit: a transaction with a NOTIFY of its own holds a lock of
   * the whole server until its commit is on disk, so such commits are serialised. Never throws; a hint that cannot be sent is
   * lost.
   */
  notify(task: TaskId): void;
  /** Listens on a connection of its own until `stop` aborts; connects again whenever it breaks. */
  run(stop: AbortSignal): Promise<void>;
}

// Nodes claim by themselves once a second, so a second without hints delays a task by at most a second.
const RECONNECT_MS = 1_000;
// With more tasks than this at once, the others are asked to claim everything that is due, which is one query anyway.
const MOST_NAMED = 1_000;

export function createWakeChannel(options: WakeChannelOptions): WakeChannel {
  const unsent = new Set<TaskId>();
  let connection: pg.Client | null = null;
  let isNotifying = false;

  /** Sends one statement at a time. Hints that arrive in the meantime are sent together in the next statement. */
  async function notifyOthers(): Promise<void> {
    if (isNotifying) return;
    isNotifying = true;
    try {
      while (connection && unsent.size > 0) {
        const named = unsent.size > MOST_NAMED ? [ANY_TASK] : [...unsent].map(String);
        unsent.clear();
        await connection.query('SELECT pg_notify($1, named) FROM unnest($2::text[]) AS named', [WAKE_CHANNEL, named]);
      }
    } catch (error) {
      options.outage.noteConnection(error, 'telling the other nodes');
    } finally {
      isNotifying = false;
      unsent.clear();
    }
  }

  /** Resolves when the connection has ended, by itself or because `stop` aborted. */
  async function listenOnce(stop: AbortSignal): Promise<void> {
    const client = new pg.Client({ connectionString: options.url, application_name: 'wip-listen', keepAlive: true });
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('error', (error) => options.outage.noteConnection(error, 'the listening connection'));
    const close = (): void => void client.end().catch(() => undefined); // The connection has ended already.
    try {
      await client.connect();
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      client.on('notification', ({ processId, payload }) => {
        if (processId === rows[0]?.pid) return; // Notifications that this node sent itself are ignored: its engine was woken directly.
        const id = TaskId.safeParse(payload);
        options.onWake(id.success ? id.data : null);
      });
      await client.query(`LISTEN ${WAKE_CHANNEL}`);
      options.onWake(null);
      if (stop.aborted) return;
      connection = client;
      stop.addEventListener('abort', close, { once: true });
      await ended;
    } finally {
      connection = null;
      stop.removeEventListener('abort', close);
      await client.end().catch(() => undefined); // The connection has ended already.
    }
  }

  return {
    notify(task) {
      options.onWake(task);
      if (!connection) return;
      unsent.add(task);
      void notifyOthers();
    },
    async run(stop) {
      while (!stop.aborted) {
        try {
          await listenOnce(stop);
        } catch (error) {
          options.outage.noteConnection(error, 'listening for wakes');
        }
        await options.clock.sleep(RECONNECT_MS, stop);
      }
    },
  };
}
