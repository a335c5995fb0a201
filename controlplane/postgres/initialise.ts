import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OperationalError } from '../../shared/model/error.ts';
import type { Binaries } from './binaries.ts';
import { spawnDetached } from './server-process.ts';
import { giveTo, type ServerUser } from './server-user.ts';

export interface NewCluster {
  readonly binaries: Binaries;
  readonly user: ServerUser | undefined;
  readonly dataDirectory: string;
  readonly logFile: string;
  /** Whether the files need not be on the disk when this returns. */
  readonly isTemporary: boolean;
  /** Called with the password before the directory gets its name, so that no whole directory is without one. */
  readonly keepPassword: (password: string) => Promise<void>;
}

/**
 * Makes a database directory under another name and renames it when it is whole. An initialisation that was killed
 * leaves nothing that could be taken for a database.
 */
export async function initialise(cluster: NewCluster): Promise<void> {
  const { dataDirectory, user, logFile } = cluster;
  const unfinished = `${dataDirectory}.new`;
  const passwordFile = `${dataDirectory}.password`;
  const password = randomBytes(24).toString('base64url');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  await giveTo(unfinished, user);
  await writeFile(passwordFile, password, { mode: 0o600 });
  await giveTo(passwordFile, user);
  try {
    const args = [
      '-D',
      unfinished,
      '-U',
      'wip',
      '-E',
      'UTF8',
      '--locale=C',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      ...(cluster.isTemporary ? ['--no-sync'] : []),
    ];
    const run = await spawnDetached(cluster.binaries.initdb, args, { user, logFile });
    await run.exited;
    await requireWhole(unfinished, logFile);
    await cluster.keepPassword(password);
    await rename(unfinished, dataDirectory);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

async function requireWhole(unfinished: string, logFile: string): Promise<void> {
  if ((await missingFrom(unfinished)) === null) return;
  throw new OperationalError('DATABASE_UNAVAILABLE', {
    happened: `The embedded PostgreSQL could not make ${dirname(unfinished)}: ${await lastWords(logFile)}`,
    remedy: `See ${logFile}, free some disk space, or set DATABASE_URL to a PostgreSQL server`,
  });
}

/** Returns the first file that every database directory has and this one has not, or null. */
export async function missingFrom(dataDirectory: string): Promise<string | null> {
  for (const name of ['PG_VERSION', 'global/pg_control', 'base', 'pg_wal']) {
    const isThere = await stat(join(dataDirectory, name)).then(
      () => true,
      () => false,
    );
    if (!isThere) return name;
  }
  return null;
}

/** Returns why the server or initdb ended: its last complaint, else its last line. */
export async function lastWords(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  const lines = text.trimEnd().split('\n');
  const complaint = lines.findLast((line) => /\b(FATAL|PANIC|error):/.test(line)) ?? lines.at(-1);
  return complaint?.trim() || 'it said nothing';
}
