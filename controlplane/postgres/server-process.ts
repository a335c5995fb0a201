import { readEntry } from '../../shared/system/proc-table.ts';
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import pg from 'pg';
import type { Clock } from '../../shared/time/clock.ts';
import type { ServerUser } from './server-user.ts';

const POLL_MS = 20;

export interface SpawnedServer {
  readonly pid: number;
  /** Resolves when the process has ended. */
  readonly exited: Promise<void>;
  /** Lets this program end although the process still runs. */
  unref(): void;
}

/** Starts a program in a process group of its own, because Ctrl-C must reach the node first. Its output goes to a file. */
export async function spawnDetached(
  program: string,
  args: readonly string[],
  options: { user: ServerUser | undefined; logFile: string },
): Promise<SpawnedServer> {
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    const child = spawn(program, args, {
      ...options.user,
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
      // The server gets nothing of our environment: PG* variables would steer it, and secrets have no business in it.
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    return { pid: child.pid!, exited, unref: () => child.unref() };
  } finally {
    closeSync(log);
  }
}

/** Returns the clock ticks from boot to the start of the process; null when there is none, or a zombie. */
export function startTicks(pid: number): string | null {
  const entry = readEntry(pid);
  return entry === undefined || entry.isZombie ? null : String(entry.startTicks);
}

export function isSameProcess(pid: number, ticks: string): boolean {
  return startTicks(pid) === ticks;
}

/** Asks the server which directory it serves. Returns null when it does not let us in within the time. */
async function askServer(url: string, timeoutMs: number): Promise<string | null> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs });
  client.on('error', () => undefined); // The failure itself comes out of connect() or query() below.
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    return rows[0]?.data_directory ?? null;
  } catch {
    // Starting, stopping, or not ours: the caller asks again or gives up.
    return null;
  } finally {
    await client.end().catch(() => undefined); // The client never connected.
  }
}

/** Polls until the server answers, the process is gone, or the time is over. */
export async function waitUntilReady(
  server: { url: string; pid: number; startTicks: string },
  options: { timeoutMs: number; clock: Clock },
): Promise<string | null> {
  const { clock } = options;
  const endMs = clock.monotonicMs() + options.timeoutMs;
  while (clock.monotonicMs() < endMs && isSameProcess(server.pid, server.startTicks)) {
    const directory = await askServer(server.url, 1_000);
    if (directory) return directory;
    await clock.sleep(POLL_MS);
  }
  return null;
}

/** Fast shutdown (open transactions are rolled back), then immediate (recovery at the next start), then the end. */
const STOP_SIGNALS = [
  { signal: 'SIGINT', waitMs: 20_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
] as const;

export async function stopServer(server: { pid: number; startTicks: string }, clock: Clock): Promise<void> {
  for (const { signal, waitMs } of STOP_SIGNALS) {
    if (!isSameProcess(server.pid, server.startTicks)) return;
    process.kill(server.pid, signal);
    const endMs = clock.monotonicMs() + waitMs;
    while (clock.monotonicMs() < endMs && isSameProcess(server.pid, server.startTicks)) await clock.sleep(POLL_MS);
  }
}
