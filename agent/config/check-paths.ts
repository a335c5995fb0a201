import { lstatSync } from 'node:fs';
import { OperationalError } from '../../shared/model/error.ts';
import type { AgentConfig } from './agent-config.ts';

/**
 * Throws CONFIG_INVALID for paths that name a directory of the image: the container would be told to shut down at once, and
 * no socket can be made there.
 */
export function checkPaths({ file, shutdownFile, socketPath }: AgentConfig): void {
  refuseDirectory(file, '[shutdown] file', shutdownFile);
  refuseDirectory(file, '[api] socket', socketPath);
}

function refuseDirectory(file: string, key: string, path: string): void {
  if (!isDirectory(path)) return;
  throw new OperationalError('CONFIG_INVALID', {
    happened: `${file}: ${key} names a directory that is there already: ${path}`,
    remedy: 'Name a file that does not exist when the container starts',
  });
}

function isDirectory(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    // The parent is no directory, or may not be entered. Whoever uses the path later says what is wrong with it.
    return false;
  }
}
