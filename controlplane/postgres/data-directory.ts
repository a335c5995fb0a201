import { randomBytes } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../../shared/model/error.ts';
import type { Binaries } from './binaries.ts';
import { initialise, missingFrom } from './initialise.ts';
import { readServerState, writeServerState, type ServerState } from './server-state.ts';
import { giveTo, isReachable, type ServerUser } from './server-user.ts';

/** The facts of one embedded server that stay the same while it lives. */
export interface ServerSetup {
  /** The node's own directory: state file, lock, log, and mostly the database too. */
  readonly directory: string;
  readonly logFile: string;
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
  /** Whether the data may be lost when the machine crashes. */
  readonly isTemporary: boolean;
}

/** Makes the database when there has never been one. Refuses a database that is not whole. */
export async function ensureInitialised(setup: ServerSetup): Promise<ServerState> {
  const known = await readServerState(setup.directory);
  const dataDirectory = known?.dataDirectory ?? (await chooseDataDirectory(setup));
  const isThere = await exists(dataDirectory);
  if (isThere) await refuseDamaged(dataDirectory, known, setup.binaries);
  else if (known?.isInitialised) throw damaged(dataDirectory, 'it is not there any more');
  else return makeDatabase(setup, dataDirectory);
  const state = { ...known!, isInitialised: true };
  if (!known!.isInitialised) await writeServerState(setup.directory, state);
  return state;
}

async function makeDatabase(setup: ServerSetup, dataDirectory: string): Promise<ServerState> {
  let state: ServerState | undefined;
  await initialise({
    ...setup,
    dataDirectory,
    async keepPassword(password) {
      state = { password, dataDirectory, isInitialised: false };
      await writeServerState(setup.directory, state);
    },
  });
  const whole = { ...state!, isInitialised: true };
  await writeServerState(setup.directory, whole);
  return whole;
}

/**
 * Returns a directory beside the state file, unless the server's user cannot get there (a home of root, say). Then it
 * is one under /var/tmp, which outlives a reboot. Its name is random, so that a directory whose state file was deleted
 * begins anew, and not with the database of its predecessor.
 */
async function chooseDataDirectory(setup: ServerSetup): Promise<string> {
  if (await isReachable(setup.directory, setup.user)) {
    const parent = join(setup.directory, 'cluster');
    await mkdir(parent, { recursive: true, mode: 0o700 });
    await giveTo(parent, setup.user);
    return join(parent, 'data');
  }
  const parent = `/var/tmp/wip-data-${randomBytes(8).toString('hex')}`;
  await mkdir(parent, { mode: 0o700 });
  await giveTo(parent, setup.user);
  return join(parent, 'data');
}

async function refuseDamaged(dataDirectory: string, known: ServerState | null, binaries: Binaries): Promise<void> {
  if (!known) throw damaged(dataDirectory, 'server.json, which holds its password, is missing');
  const missing = await missingFrom(dataDirectory);
  if (missing) throw damaged(dataDirectory, `${missing} is missing`);
  const made = (await readFile(join(dataDirectory, 'PG_VERSION'), 'utf8')).trim();
  const major = binaries.version.split('.')[0];
  if (made === major) return;
  throw new OperationalError('DATABASE_UNAVAILABLE', {
    happened: `The database in ${dataDirectory} was made by PostgreSQL ${made} and this version of Wip brings ${major}`,
    remedy: 'Dump it with the version of Wip that made it and restore the dump into a new data directory',
  });
}

export function damaged(dataDirectory: string, why: string, cause?: unknown): OperationalError {
  return new OperationalError('DATABASE_DAMAGED', {
    happened: `The database in ${dataDirectory} is damaged: ${why}`,
    remedy: 'Nothing was changed; restore the directory from a backup, or start with another data directory',
    cause,
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
