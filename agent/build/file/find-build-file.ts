import { statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize, resolve } from 'node:path';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import type { BuildFile } from '../../../shared/protocol/build-export.ts';
import { readRegularFile } from '../../system/read-regular-file.ts';
import { BuildFileError, MAX_FILE_CHARACTERS, parseBuildFile } from './build-file.ts';

const BUILD_FILE_NAMES = ['acquia-pipelines.yaml', 'acquia-pipelines.yml'] as const;
// UTF-8 has three bytes at most for each unit that JavaScript counts as a character.
const MAX_FILE_BYTES = 3 * MAX_FILE_CHARACTERS;

export interface FoundBuildFile {
  readonly fileName: string;
  readonly file: BuildFile;
  readonly warnings: readonly string[];
}

/** The directory of a build file that a person names by its path, by its directory, or not at all. */
export function locateBuildFile(cwd: string, path = '.'): { directory: string; name: string | undefined } {
  const found = resolve(cwd, path);
  if (isDirectory(found)) return { directory: found, name: undefined };
  return { directory: dirname(found), name: basename(found) };
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // whoever reads it is told why that cannot be done
  }
}

/** Reads the build file of a workspace: `chosen`, or the first of the usual names. */
export async function findBuildFile(
  workspace: string,
  chosen: string | undefined,
  knownServices: readonly string[] = [],
): Promise<FoundBuildFile> {
  if (chosen !== undefined && (isAbsolute(chosen) || normalize(chosen).startsWith('..'))) {
    throw new OperationalError('USAGE', {
      happened: `--file ${chosen} leads out of the workspace`,
      remedy: 'Give a path below the root of the repository',
    });
  }
  for (const fileName of chosen === undefined ? BUILD_FILE_NAMES : [chosen]) {
    const bytes = await readIfThere(workspace, fileName);
    if (!bytes) continue;
    return { fileName, ...parseBuildFile(decode(bytes, fileName), fileName, knownServices) };
  }
  throw new OperationalError('BUILD_FILE_MISSING', {
    happened: `There is no ${chosen ?? BUILD_FILE_NAMES.join(' or ')} in the root of the source`,
    remedy: 'Add one to the branch that is built, with at least "version: 1.3.0" and "events: {build: {steps: […]}}"',
  });
}

async function readIfThere(workspace: string, fileName: string): Promise<Buffer | null> {
  const cannotBeRead = (why: string): BuildFileError =>
    new BuildFileError(fileName, [{ line: 1, column: 1, message: `it cannot be read: ${why}` }]);
  try {
    const { bytes, isWhole } = await readRegularFile(join(workspace, fileName), MAX_FILE_BYTES);
    if (isWhole) return bytes;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw cannotBeRead(messageOf(cause));
  }
  throw cannotBeRead(`it has more than ${MAX_FILE_BYTES} bytes`);
}

function decode(bytes: Buffer, fileName: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The decoder says only that something is wrong, not where.
    throw new BuildFileError(fileName, [{ line: 1, column: 1, message: 'it is not UTF-8; save it in that encoding' }]);
  }
}
