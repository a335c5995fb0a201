import { lstatSync } from 'node:fs';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { dirname, join } from 'node:path';

// Readable by nobody else: scripts and keys are in it.
const MODE = 0o700;

/** Makes a directory for keys, scripts and the artefact's repository: outside the workspace, and only this user's. */
export function makePrivateDirectory(parent: string): Promise<string> {
  return mkdtemp(join(parent, 'wip-build-'));
}

/**
 * Makes the directory anew where a step has removed it, as `rm -rf "$TMPDIR"/*` does; returns whether it had to. Throws
 * where somebody else has made one of that name.
 */
export async function restorePrivateDirectory(directory: string): Promise<boolean> {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  if (stats?.isDirectory() && stats.uid === process.geteuid?.()) return false;
  await mkdir(dirname(directory), { recursive: true });
  await mkdir(directory, { mode: MODE });
  return true;
}
