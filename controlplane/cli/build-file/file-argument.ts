import { statSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';

/**
 * Returns the build file, or the directory that it lies in, as an argument, behind `--` so that its name is no option. Throws
 * USAGE when it is not there.
 */
export function fileArgument(file: string | undefined, cwd: string): string[] {
  if (file === undefined) return [];
  const path = resolve(cwd, file);
  const stats = statOf(path);
  if (stats?.isFile() || stats?.isDirectory()) return ['--', file];
  throw unusable(stats ? `${path} is not a regular file` : `There is no file ${path}`);
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    // A link to itself, a name that is too long, a directory that may not be searched.
    throw unusable(`${path} cannot be read: ${messageOf(cause)}`, cause);
  }
}

function unusable(happened: string, cause?: unknown): OperationalError {
  return new OperationalError('USAGE', {
    happened,
    remedy: 'Give the path of a build file; without one, acquia-pipelines.yaml or .yml of this directory is taken',
    cause,
  });
}
