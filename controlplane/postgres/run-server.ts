import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { OperationalError } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { damaged, type ServerSetup } from './data-directory.ts';
import { lastWords } from './initialise.ts';
import { spawnDetached, startTicks, stopServer, waitUntilReady } from './server-process.ts';
import type { ServerState } from './server-state.ts';
import { removeOldSockets, socketFile } from './socket.ts';

// Recovery after a power cut replays at most max_wal_size (512 MB); a minute is that at 9 MB/s.
const READY_TIMEOUT_MS = 60_000;
// A server left over from a killed node serves already, so it answers soon or never.
const ADOPT_TIMEOUT_MS = 10_000;
// Obstacles that pass by themselves: somebody took the port between its choice and its use, or processes of a server
// that was killed have not all gone yet.
const OBSTACLE_PASSES = /could not (bind|create any TCP)|lock file .* already exists|pre-existing shared memory/;
const OBSTACLE_TIMEOUT_MS = 10_000;
const RETRY_MS = 100;
// PostgreSQL's words for files that are not as it left them. Any other words mean an obstacle around the files.
const DAMAGE = /PANIC|invalid|corrupt|checksum|not a valid|incorrect|could not (open|read|locate)|incompatible/;

/** What a server is run with. */
export interface ServerRun extends ServerSetup {
  /** Arguments of the server, `-c` by `-c`. A server that runs with others is not adopted. */
  readonly settings: readonly string[];
}

export interface RunningServer {
  readonly pid: number;
  readonly startTicks: string;
  readonly port: number;
}

/** Returns an address of the server: by its socket in the filesystem when it has one, else by loopback. */
export function urlOf({ dataDirectory, password }: ServerState, port: number, database: string): string {
  const url = `postgres://wip:${password}@127.0.0.1:${port}/${database}`;
  return existsSync(socketFile(dataDirectory, port)) ? `${url}?host=${encodeURIComponent(dataDirectory)}` : url;
}

/** Returns the URL of the server that runs on the directory now, whoever started it; null when none runs. */
export async function urlOfRunning(state: ServerState): Promise<string | null> {
  const found = await findLeftOver(state.dataDirectory);
  return found && found.port > 0 ? urlOf(state, found.port, 'wip') : null;
}

/**
 * Returns the server that a killed node left running on the directory, if it serves and has our settings. Any other
 * server of the directory is stopped.
 */
export async function adoptServer(
  { settings }: ServerRun,
  state: ServerState,
  clock: Clock,
): Promise<RunningServer | null> {
  const left = await findLeftOver(state.dataDirectory);
  if (!left) return null;
  const url = urlOf(state, left.port, 'postgres');
  const hasOurSettings = left.port > 0 && settings.every((argument) => left.commandLine.includes(argument));
  const isOurs = hasOurSettings && (await waitUntilReady({ url, ...left }, { timeoutMs: ADOPT_TIMEOUT_MS, clock }));
  if (isOurs === state.dataDirectory) return left;
  await stopServer(left, clock);
  return null;
}

/** postmaster.pid: pid, data directory, start, port, … a line each (PostgreSQL's miscadmin.h). */
async function findLeftOver(
  dataDirectory: string,
): Promise<(RunningServer & { commandLine: readonly string[] }) | null> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  const ticks = startTicks(pid);
  // The pid may have been given out again since: only a server of this very directory is touched.
  const commandLine = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  if (ticks === null || !commandLine.includes(dataDirectory)) return null;
  return { pid, startTicks: ticks, port, commandLine };
}

export async function startServer(setup: ServerRun, state: ServerState, clock: Clock): Promise<RunningServer> {
  const giveUpMs = clock.monotonicMs() + OBSTACLE_TIMEOUT_MS;
  for (;;) {
    const running = await tryToStart(setup, state, clock);
    if (running) return running;
    const reason = await lastWords(setup.logFile);
    if (!OBSTACLE_PASSES.test(reason) || clock.monotonicMs() > giveUpMs) throw whyNotStarted(setup, state, reason);
    await clock.sleep(RETRY_MS);
  }
}

async function tryToStart(setup: ServerRun, state: ServerState, clock: Clock): Promise<RunningServer | null> {
  await removeOldSockets(state.dataDirectory);
  const port = await freePort();
  const args = ['-D', state.dataDirectory, '-c', `port=${port}`, ...setup.settings];
  const { pid, unref } = await spawnDetached(setup.binaries.postgres, args, setup);
  unref();
  const ticks = startTicks(pid);
  if (ticks === null) return null;
  const running = { pid, startTicks: ticks, port };
  const url = urlOf(state, port, 'postgres');
  if (await waitUntilReady({ url, ...running }, { timeoutMs: READY_TIMEOUT_MS, clock })) return running;
  await stopServer(running, clock);
  return null;
}

function whyNotStarted(setup: ServerSetup, state: ServerState, reason: string): OperationalError {
  const complaint = `PostgreSQL does not start on it and says "${reason}" (${setup.logFile})`;
  if (DAMAGE.test(reason)) return damaged(state.dataDirectory, complaint);
  return new OperationalError('DATABASE_UNAVAILABLE', {
    happened: `The database in ${state.dataDirectory} is not available: ${complaint}`,
    remedy: 'Remove that obstacle and start again; nothing was changed',
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Makes our own database beside PostgreSQL's at the first start. */
export async function ensureDatabase(state: ServerState, port: number): Promise<void> {
  const client = new pg.Client({ connectionString: urlOf(state, port, 'postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = 'wip'");
    if (rowCount === 0) await client.query('CREATE DATABASE wip');
  } finally {
    await client.end();
  }
}
