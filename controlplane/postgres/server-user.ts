import { chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

// initdb and postgres refuse to run as root. 65534 is `nobody` on every Linux distribution; initdb wants a user that
// has a name, so a number of our own would not do.
const NOBODY = 65_534;

/** The user that the server runs as: nobody when we are root. undefined: it runs as ourselves. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

export function chooseServerUser(processUid: number | undefined): ServerUser | undefined {
  return processUid === 0 ? { uid: NOBODY, gid: NOBODY } : undefined;
}

/** Returns whether the server's user can enter every directory above `path` and the path itself. */
export async function isReachable(path: string, user: ServerUser | undefined): Promise<boolean> {
  if (!user) return true;
  for (let at = path; ; at = dirname(at)) {
    const found = await stat(at);
    const isOwner = found.uid === user.uid;
    if ((found.mode & (isOwner ? 0o100 : 0o001)) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

export async function giveTo(path: string, user: ServerUser | undefined): Promise<void> {
  if (user) await chown(path, user.uid, user.gid);
}
