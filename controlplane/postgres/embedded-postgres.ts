import { mkdir, realpath, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../../shared/model/error.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Log } from '../../shared/system/log.ts';
import { refuseForeignData } from '../../shared/system/refuse-foreign-data.ts';
import { prepareBinaries } from './binaries.ts';
import { ensureInitialised } from './data-directory.ts';
import { lockDirectory } from './directory-lock.ts';
import { adoptServer, ensureDatabase, startServer, urlOf, urlOfRunning } from './run-server.ts';
import { isSameProcess, stopServer } from './server-process.ts';
import { readServerState } from './server-state.ts';
import { settingArguments } from './setting-arguments.ts';
import { canHoldSocket } from './socket.ts';
import { chooseServerUser } from './server-user.ts';

export interface EmbeddedOptions {
  /** Made when it is not there. Holds the database, its state file, lock and log. */
  readonly directory: string;
  readonly log: Log;
  readonly clock: Clock;
  /** How many connections will be open at most; there is room for some sixty anyway. */
  readonly connections?: number;
  /** The data may be lost when the machine crashes, and everything is faster: for databases of tests. Default: no. */
  readonly isTemporary?: boolean;
  /** Called when the server ends though nobody asked it to: the node cannot go on. */
  readonly onUnexpectedExit?: () => void;
}

export interface EmbeddedPostgres {
  /** With the password: not for logs. */
  readonly url: string;
  readonly pid: number;
  /** Where the data is: below the given directory, unless the user of the server cannot get there. */
  readonly dataDirectory: string;
  /** The server was running already, left over from a node that was killed. */
  readonly wasAdopted: boolean;
  close(): Promise<void>;
}

// An old log is of use only until the next one is as long.
const LOG_KEPT_BYTES = 10_000_000;
// An adopted server is not our child, so nobody can await its end: the node polls for it.
const WATCH_MS = 1_000;

/** Starts the embedded server, or adopts the one that a killed node left running on the directory. */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const directory = await makeDirectory(options.directory);
  refuseForeignData(directory);
  const lock = await lockDirectory(directory, process.pid);
  try {
    return await runLocked(directory, options, () => lock.release());
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Returns where the embedded database of a directory runs now, or `none` when there never was one. Starts and changes nothing. */
export async function findEmbeddedPostgres(directory: string): Promise<{ url: string } | 'stopped' | 'none'> {
  refuseForeignData(directory);
  const state = await readServerState(directory);
  if (!state) return 'none';
  const url = await urlOfRunning(state);
  return url === null ? 'stopped' : { url };
}

async function runLocked(
  directory: string,
  options: EmbeddedOptions,
  release: () => Promise<void>,
): Promise<EmbeddedPostgres> {
  const { clock, log } = options;
  const user = chooseServerUser(process.getuid?.());
  const binaries = await prepareBinaries(`${process.platform}-${process.arch}`, user);
  const { connections = 0, isTemporary = false } = options;
  const setup = { directory, binaries, user, isTemporary, logFile: join(directory, 'postgres.log') };
  await rotateLog(setup.logFile);
  const state = await ensureInitialised(setup);
  // Only the user of the server may enter the data directory.
  const socketDirectory = (await canHoldSocket(state.dataDirectory)) ? state.dataDirectory : null;
  const settings = settingArguments({ socketDirectory, connections, isTemporary });
  const adopted = await adoptServer({ ...setup, settings }, state, clock);
  const running = adopted ?? (await startServer({ ...setup, settings }, state, clock));
  await ensureDatabase(state, running.port).catch(async (error: unknown) => {
    await stopServer(running, clock);
    throw error;
  });
  log.info({ pid: running.pid, port: running.port, adopted: adopted !== null }, 'embedded database runs');
  const watching = new AbortController();
  void watchServer(running, options, watching.signal);
  return {
    url: urlOf(state, running.port, 'wip'),
    pid: running.pid,
    dataDirectory: state.dataDirectory,
    wasAdopted: adopted !== null,
    async close() {
      watching.abort();
      await stopServer(running, clock);
      await release();
    },
  };
}

async function watchServer(
  running: { pid: number; startTicks: string },
  options: EmbeddedOptions,
  abort: AbortSignal,
): Promise<void> {
  while (!abort.aborted) {
    await options.clock.sleep(WATCH_MS, abort);
    if (abort.aborted || isSameProcess(running.pid, running.startTicks)) continue;
    if (abort.aborted) return;
    options.log.error({ pid: running.pid }, 'embedded database ended unexpectedly');
    options.onUnexpectedExit?.();
    return;
  }
}

async function makeDirectory(directory: string): Promise<string> {
  try {
    // 0711 and not 0700: the server may run as another user, who must get through to its own part.
    await mkdir(directory, { recursive: true, mode: 0o711 });
    return await realpath(directory);
  } catch (cause) {
    throw new OperationalError('DATA_DIRECTORY_UNUSABLE', {
      happened: `The data directory ${directory} cannot be made`,
      remedy: 'Choose a directory that this user may write to',
      cause,
    });
  }
}

async function rotateLog(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0, // Not there yet.
  );
  if (size > LOG_KEPT_BYTES) await rename(logFile, `${logFile}.1`);
}
