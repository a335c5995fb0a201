import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { OperationalError } from '../../../shared/model/error.ts';

/** Returns the build file as an argument, behind `--` so that its name is no option. Throws USAGE when it is not there. */
export function fileArgument(file: string | undefined, cwd: string): string[] {
  if (file === undefined) return [];
  if (statSync(resolve(cwd, file), { throwIfNoEntry: false })?.isFile()) return ['--', file];
  throw new OperationalError('USAGE', {
    happened: `There is no file ${resolve(cwd, file)}`,
    remedy: 'Give the path of a build file; without one, acquia-pipelines.yaml or .yml of this directory is taken',
  });
}
