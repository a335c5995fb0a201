import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import type { Clock } from '../../../shared/support/clock.ts';
import { damaged, type Place } from './data-directory.ts';
import { lastWords } from './initialise.ts';
import { spawnDetached, startTicks, stopServer, waitUntilReady } from './server-process.ts';
import type { ServerState } from './server-state.ts';
import { settingArguments } from './settings.ts';

// Recovery after a power cut replays at most max_wal_size (512 MB); a minute is that at 9 MB/s.
const READY_TIMEOUT_MS = 60_000;
// A server left over from a killed node serves already: it answers soon or never.
const ADOPT_TIMEOUT_MS = 10_000;
// Between the choice of a free port and its use somebody else can take it.
const PORT_TRIES = 5;

export interface RunningServer {
  readonly pid: number;
  readonly startTicks: string;
  readonly port: number;
}

export function urlOf(state: ServerState, port: number, database: string): string {
  return `postgres://wip:${state.password}@127.0.0.1:${port}/${database}`;
}

/** The server that a killed node left running on the directory, if it serves and has our settings; else it is stopped. */
export async function adoptServer(state: ServerState, clock: Clock): Promise<RunningServer | null> {
  const left = await findLeftOver(state.dataDirectory);
  if (!left) return null;
  const url = urlOf(state, left.port, 'postgres');
  const isOurs =
    left.hasOurSettings && (await waitUntilReady({ url, ...left }, { timeoutMs: ADOPT_TIMEOUT_MS, clock }));
  if (isOurs === state.dataDirectory) return left;
  await stopServer(left, clock);
  return null;
}

/** postmaster.pid: pid, data directory, start, port, … a line each (PostgreSQL's miscadmin.h). */
async function findLeftOver(dataDirectory: string): Promise<(RunningServer & { hasOurSettings: boolean }) | null> {
  const text = await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  const ticks = await startTicks(pid);
  // The pid may have been given out again since: only a server of this very directory is touched.
  const commandLine = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  if (ticks === null || !commandLine.includes(dataDirectory)) return null;
  const hasOurSettings = port > 0 && settingArguments().every((argument) => commandLine.includes(argument));
  return { pid, startTicks: ticks, port, hasOurSettings };
}

export async function startServer(place: Place, state: ServerState, clock: Clock): Promise<RunningServer> {
  for (let left = PORT_TRIES; ; left -= 1) {
    const port = await freePort();
    const args = ['-D', state.dataDirectory, '-c', `port=${port}`, ...settingArguments()];
    const { pid, letGo } = await spawnDetached(place.binaries.postgres, args, place);
    letGo();
    const ticks = await startTicks(pid);
    const running = { pid, startTicks: ticks ?? '', port };
    const url = urlOf(state, port, 'postgres');
    if (ticks && (await waitUntilReady({ url, ...running }, { timeoutMs: READY_TIMEOUT_MS, clock }))) return running;
    await stopServer(running, clock);
    const reason = await lastWords(place.logFile);
    if (left > 1 && /could not (bind|create any TCP)/.test(reason)) continue;
    throw damaged(state.dataDirectory, `PostgreSQL does not start on it and says "${reason}" (${place.logFile})`);
  }
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

/** Our own database beside PostgreSQL's, made at the first start. */
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
