import { readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** PostgreSQL names its socket so, with the port, and a lock file beside it. */
const PREFIX = '.s.PGSQL.';
const MAX_PORT = 65_535;
// sun_path has 108 bytes, the last of which is zero (unix(7)).
const MAX_PATH_BYTES = 107;

export function socketFile(dataDirectory: string, port: number): string {
  return join(dataDirectory, `${PREFIX}${port}`);
}

/**
 * Returns whether a server could have its socket in the directory. A path may be too long, and some filesystems hold no
 * sockets (network shares, directories of another system in a container): there the server would not start.
 */
export async function canHoldSocket(directory: string): Promise<boolean> {
  if (Buffer.byteLength(socketFile(directory, MAX_PORT)) > MAX_PATH_BYTES) return false;
  const file = socketFile(directory, 0);
  // A node that was killed between the next two lines has left it.
  await rm(file, { force: true });
  const server = createServer();
  const couldListen = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(file, () => resolve(true));
  });
  if (couldListen) await new Promise((resolve) => server.close(resolve));
  return couldListen;
}

/** A server that was killed has left its socket and the lock of it, under the number of a port that may never come again. */
export async function removeOldSockets(dataDirectory: string): Promise<void> {
  const old = (await readdir(dataDirectory)).filter((name) => name.startsWith(PREFIX));
  await Promise.all(old.map((name) => rm(join(dataDirectory, name), { force: true })));
}
