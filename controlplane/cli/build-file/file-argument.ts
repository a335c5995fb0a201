import { resolve } from 'node:path';
import { OperationalError } from '../../../shared/model/error.ts';
import { statGivenPath } from '../given-path.ts';

/**
 * Returns the build file, or its directory, as an argument after `--`, so that a name with a leading dash is not taken for an
 * option. Throws USAGE when it is not there.
 */
export function fileArgument(file: string | undefined, cwd: string): string[] {
  if (file === undefined) return [];
  const path = resolve(cwd, file);
  const stats = statGivenPath(path);
  if (stats?.isFile() || stats?.isDirectory()) return ['--', file];
  throw new OperationalError('USAGE', {
    happened: stats ? `${path} is not a regular file` : `There is no file ${path}`,
    remedy: 'Give the path of a build file; without one, acquia-pipelines.yaml or .yml of this directory is taken',
  });
}
