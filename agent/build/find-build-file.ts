import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, resolve } from 'node:path';
import { messageOf, OperationalError } from '../../shared/model/error.ts';
import type { BuildFile } from '../../shared/protocol/build-export.ts';
import { BuildFileError, parseBuildFile } from './build-file.ts';

const BUILD_FILE_NAMES = ['acquia-pipelines.yaml', 'acquia-pipelines.yml'] as const;

export interface FoundBuildFile {
  readonly fileName: string;
  readonly file: BuildFile;
  readonly warnings: readonly string[];
}

/** The directory of a build file that a person names by its path, by its directory, or not at all. */
export function locateBuildFile(cwd: string, path = '.'): { directory: string; name: string | undefined } {
  const found = resolve(cwd, path);
  if (statSync(found, { throwIfNoEntry: false })?.isDirectory()) return { directory: found, name: undefined };
  return { directory: dirname(found), name: basename(found) };
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
  try {
    return await readFile(join(workspace, fileName));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new BuildFileError(fileName, [{ line: 1, column: 1, message: `it cannot be read: ${messageOf(cause)}` }]);
  }
}

function decode(bytes: Buffer, fileName: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The decoder says only that something is wrong, not where.
    throw new BuildFileError(fileName, [{ line: 1, column: 1, message: 'it is not UTF-8; save it in that encoding' }]);
  }
}
