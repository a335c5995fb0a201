import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { OperationalError } from '../model/error.ts';

/** Files of a data directory that a node believes or writes to, all of which it makes for their owner only. */
const OWN_FILES = [
  'master.key',
  'server.json',
  'postgres.log',
  'postgres.log.1',
  'node.pid',
  'token',
  'dev.json',
  'ecs/access-key.json',
  'ecs/owner.json',
  'ecs/state.json',
] as const;

// Not the bits of the group: a volume of Kubernetes gives all files to the group of the pod (fsGroup).
const OTHERS = 0o007;

/**
 * Throws DATA_DIRECTORY_UNUSABLE when a file of the directory cannot be this user's own. `wipctl dev` takes `.wip` of the
 * directory that it is started in, which may be a repository that somebody else has written: its master key would be known,
 * its database would run what it holds, and a link would lead what is written elsewhere. Git gives its files to everybody.
 */
export function refuseForeignData(directory: string): void {
  for (const name of OWN_FILES) {
    const file = join(directory, name);
    const why = whyForeign(file);
    if (why === null) continue;
    throw new OperationalError('DATA_DIRECTORY_UNUSABLE', {
      happened: `The data directory ${directory} was not taken: ${file} ${why}, so that somebody else may have made it, as in a repository that brings it`,
      remedy: `Choose another directory with --data or WIP_DATA_DIR; if all of it is yours, run "chmod -R o= ${directory}" as the user who made it`,
    });
  }
}

function whyForeign(file: string): string | null {
  let stats;
  try {
    stats = lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return null; // Not for this user to look at: whoever reads the file next says so.
  }
  if (!stats) return null;
  if (!stats.isFile()) return stats.isSymbolicLink() ? 'is a symbolic link' : 'is no file';
  if (stats.uid !== process.geteuid?.()) return 'belongs to another user';
  return (stats.mode & OTHERS) === 0 ? null : `is open to other users (mode ${(stats.mode & 0o777).toString(8)})`;
}
