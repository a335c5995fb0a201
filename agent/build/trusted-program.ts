import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { OperationalError } from '../../shared/model/error.ts';
import { SYSTEM_DIRECTORIES } from '../system/system-program.ts';

/** Where a system keeps its programs. In a container these belong to root, and the build is another user. */
const PROGRAM_DIRECTORIES: readonly string[] = ['/usr/local/sbin', '/usr/local/bin', ...SYSTEM_DIRECTORIES];
export const SYSTEM_PATH = PROGRAM_DIRECTORIES.join(delimiter);

/** A program by its absolute path, and how to know it again; null for one of the system. */
export interface TrustedProgram {
  readonly path: string;
  readonly identity: string | null;
}

/**
 * Finds a program before the first step: in the directories of the system, else in those of `searchPath`. Null when
 * there is none.
 */
export function findProgram(name: string, searchPath: string): TrustedProgram | null {
  for (const directory of [...PROGRAM_DIRECTORIES, ...searchPath.split(delimiter)]) {
    if (!directory.startsWith('/')) continue;
    const path = executable(join(directory, name));
    if (path !== null) return { path, identity: PROGRAM_DIRECTORIES.includes(directory) ? null : identityOf(path) };
  }
  return null;
}

function executable(path: string): string | null {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? realpathSync(path) : null;
  } catch {
    return null; // not here: the next directory may have it
  }
}

/** The change time cannot be set by a program, so a file that was written to has another identity. */
function identityOf(path: string): string {
  const { dev, ino, size, ctimeNs } = statSync(path, { bigint: true });
  return [dev, ino, size, ctimeNs].join(' ');
}

/**
 * Throws WORKSPACE_UNUSABLE when a step has changed a program in a place of the user's. Those of the system are root's, and
 * a build that is root may install newer ones.
 */
export function checkUnchanged(program: TrustedProgram): void {
  const isSame =
    program.identity === null || (executable(program.path) !== null && identityOf(program.path) === program.identity);
  if (isSame) return;
  throw new OperationalError('WORKSPACE_UNUSABLE', {
    happened: `The program ${program.path} was changed during the build, so the artefact is not pushed with it`,
    remedy: 'Install programs in the build image and not in a step',
  });
}
