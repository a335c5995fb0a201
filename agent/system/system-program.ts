import { spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process';
import { realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OperationalError } from '../../shared/model/error.ts';

/**
 * Programs of the operating system that the agent runs with rights a build does not have. Names are never looked up in PATH, and
 * no environment of the agent or the build is passed on: otherwise LD_PRELOAD, PATH or ENV of a build could decide what runs as
 * root.
 */
export type SystemProgram = 'sh' | 'setpriv' | 'fallocate' | 'df' | 'sshd' | 'mkfifo';

/** Directories in which distributions install the programs above. /usr/local is left out, because it has an image's own additions. */
export const SYSTEM_DIRECTORIES = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'] as const;

export interface SystemSpawn {
  /** The whole environment of the program. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdio: StdioOptions;
  /** The user that runs the program. Without it: the caller's own. */
  readonly as?: { readonly uid: number; readonly gid: number };
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** Gives the program its own session and process group, which signals for the caller do not reach. */
  readonly session?: 'own' | 'shared';
}

/** Throws PROGRAM_MISSING. */
export function findSystemProgram(
  name: SystemProgram,
  directories: readonly string[] = SYSTEM_DIRECTORIES,
  ownUid: number = process.getuid?.() ?? -1,
): string {
  const found = directories.map((directory) => join(directory, name)).filter(isFile);
  const trusted = found.find((path) => ownUid !== 0 || isRootsAlone(realpathSync(path)));
  if (trusted !== undefined) return trusted;
  throw new OperationalError('PROGRAM_MISSING', {
    happened:
      found.length === 0
        ? `The program ${name} is in none of ${directories.join(', ')}`
        : `The program ${found.join(', ')} can be replaced by others than root, so root does not run it`,
    remedy: 'Install it in the image from the packages of its distribution',
  });
}

export function spawnSystemProgram(name: SystemProgram, args: readonly string[], how: SystemSpawn): ChildProcess {
  return spawn(findSystemProgram(name), args, {
    cwd: how.cwd ?? '/',
    env: how.environment ?? {},
    stdio: how.stdio,
    detached: how.session === 'own',
    ...(how.as ?? {}),
    ...(how.timeoutMs === undefined ? {} : { timeout: how.timeoutMs }),
  });
}

/** Runs a program that takes a few milliseconds. Throws PROGRAM_MISSING, or an Error with the program's message. */
export function runSystemProgram(name: SystemProgram, args: readonly string[], timeoutMs: number): void {
  const path = findSystemProgram(name);
  const end = spawnSync(path, args, { cwd: '/', env: {}, stdio: ['ignore', 'ignore', 'pipe'], timeout: timeoutMs });
  if (end.error) throw end.error;
  if (end.status !== 0)
    throw new Error(end.stderr.toString().trim() || `${path} ended with ${end.signal ?? end.status}`);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Returns whether only root can change the file and the directories above it. */
function isRootsAlone(path: string): boolean {
  const stats = statSync(path);
  const isWritable = (stats.mode & 0o022) !== 0;
  // In a sticky directory only the owner may rename or remove a file.
  const isSticky = stats.isDirectory() && (stats.mode & 0o1000) !== 0;
  if (stats.uid !== 0 || (isWritable && !isSticky)) return false;
  return dirname(path) === path || isRootsAlone(dirname(path));
}
