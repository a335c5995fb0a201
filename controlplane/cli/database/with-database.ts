import { resolve } from 'node:path';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import type { Log } from '../../../shared/system/log.ts';
import { loadConfig } from '../../config.ts';
import { askDatabase, openDatabase } from '../../store/database.ts';
import { isDatabaseTrouble } from '../../store/database-trouble.ts';
import { findEmbeddedPostgres, startEmbeddedPostgres } from '../../postgres/embedded-postgres.ts';
import type { Db } from '../../store/schema.ts';
import { wordsOfDatabaseError } from '../../store/trouble-words.ts';
import type { CliContext } from '../cli-context.ts';

/** Options that select a database, as for `wipctl serve`: an external one, or the embedded one of a directory. */
export interface DatabaseLocation {
  readonly data?: string;
  readonly config?: string;
}

/**
 * `exclusive`: no node may use the embedded database meanwhile, and it is created if it does not exist. `existing`: neither
 * applies.
 */
type DatabaseUse = 'existing' | 'exclusive';

const SILENT: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Opens the database for one piece of work and closes it, also when the work fails. */
export async function withDatabase<T>(
  use: DatabaseUse,
  location: DatabaseLocation,
  context: CliContext,
  work: (db: Db) => Promise<T>,
): Promise<T> {
  const { url, close } = await findDatabase(use, location, context);
  const { db, close: disconnect } = openDatabase(url, { poolSize: 2, applicationName: 'wipctl' });
  try {
    await askDatabase(db).catch((error: unknown) => {
      throw unavailable(error);
    });
    return await work(db);
  } catch (error) {
    throw isDatabaseTrouble(error) ? unavailable(error) : error;
  } finally {
    await disconnect();
    await close();
  }
}

async function findDatabase(
  use: DatabaseUse,
  location: DatabaseLocation,
  context: CliContext,
): Promise<{ url: string; close: () => Promise<void> }> {
  const config = loadConfig({
    environment: context.environment,
    ...(location.config !== undefined && { file: resolve(context.cwd, location.config) }),
    ...(location.data !== undefined && { given: { data_dir: location.data } }),
  });
  // --data takes precedence over a database URL of the configuration or the environment.
  const isEmbedded = config.database_url === undefined || location.data !== undefined;
  if (!isEmbedded) return { url: config.database_url, close: () => Promise.resolve() };
  const directory = resolve(context.cwd, config.data_dir);
  if (use === 'existing') {
    const found = await findEmbeddedPostgres(directory);
    if (found === 'none') throw noDatabase(directory);
    if (found !== 'stopped') return { ...found, close: () => Promise.resolve() };
  }
  return startEmbeddedPostgres({ directory, clock: context.clock, log: SILENT });
}

function noDatabase(directory: string): OperationalError {
  return new OperationalError('DATA_DIRECTORY_UNUSABLE', {
    happened: `There is no embedded database in ${directory}`,
    remedy: 'Name its directory with --data, or another database with WIP_DATABASE_URL',
  });
}

function unavailable(cause: unknown): OperationalError {
  return new OperationalError('DATABASE_UNAVAILABLE', {
    happened: `The database failed: ${messageOf(cause) || 'it does not answer'}`,
    remedy: `${wordsOfDatabaseError(cause).remedy}, then do it again`,
    cause,
  });
}
