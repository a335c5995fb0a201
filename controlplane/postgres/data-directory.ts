import { randomBytes } from 'node:crypto';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { OperationalError } from '../../shared/model/error.ts';
import type { Binaries } from './binaries.ts';
import { initialise, missingFrom } from './initialise.ts';
import { readServerState, writeServerState, type ServerState } from './server-state.ts';
import { giveTo, isReachable, type ServerUser } from './server-user.ts';

/** Everything about one embedded server that stays the same while it lives. */
export interface Place {
  /** The node's own directory: state file, lock, log, and mostly the database too. */
  readonly directory: string;
  readonly logFile: string;
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
  /** What the server is started with, `-c` by `-c`; one that runs with others is not adopted. */
  readonly settings: readonly string[];
}

/** Makes the database when there has never been one; refuses one that is not whole. */
export async function ensureInitialised(place: Place): Promise<ServerState> {
  const known = await readServerState(place.directory);
  const dataDirectory = known?.dataDirectory ?? (await chooseDataDirectory(place));
  const isThere = await exists(dataDirectory);
  if (isThere) await refuseDamaged(dataDirectory, known, place.binaries);
  else if (known?.isInitialised) throw damaged(dataDirectory, 'it is not there any more');
  else return makeDatabase(place, dataDirectory);
  const state = { ...known!, isInitialised: true };
  if (!known!.isInitialised) await writeServerState(place.directory, state);
  return state;
}

async function makeDatabase(place: Place, dataDirectory: string): Promise<ServerState> {
  let state: ServerState | undefined;
  await initialise({
    ...place,
    dataDirectory,
    async keepPassword(password) {
      state = { password, dataDirectory, isInitialised: false };
      await writeServerState(place.directory, state);
    },
  });
  const whole = { ...state!, isInitialised: true };
  await writeServerState(place.directory, whole);
  return whole;
}

/**
 * Beside the state file, unless the server runs as another user who cannot get there (a home of root, say): then
 * under /var/tmp, which outlives a reboot. That name is random: a directory whose state file was deleted is begun
 * anew, and not with the database of its predecessor.
 */
async function chooseDataDirectory(place: Place): Promise<string> {
  if (await isReachable(place.directory, place.user)) {
    const parent = join(place.directory, 'cluster');
    await mkdir(parent, { recursive: true, mode: 0o700 });
    await giveTo(parent, place.user);
    return join(parent, 'data');
  }
  const parent = `/var/tmp/wip-data-${randomBytes(8).toString('hex')}`;
  await mkdir(parent, { mode: 0o700 });
  await giveTo(parent, place.user);
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
