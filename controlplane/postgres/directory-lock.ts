import { createHash } from 'node:crypto';
import { readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { OperationalError } from '../../shared/model/error.ts';

export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Keeps a data directory for one node. The lock is a name in Linux's abstract socket space: the kernel gives it to one
 * process and takes it back when that process dies, however it dies, so there is no stale lock to judge. The file
 * beside it only tells who has the lock.
 */
export async function lockDirectory(directory: string, pid: number): Promise<DirectoryLock> {
  const name = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex')
    .slice(0, 32);
  const holder = join(directory, 'node.pid');
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(`\0wip-data-${name}`, resolve);
  }).catch(async (error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? locked(directory, await readHolder(holder), error) : error;
  });
  server.unref();
  await writeFile(holder, `${pid}\n`, { mode: 0o600 });
  return {
    async release() {
      await rm(holder, { force: true });
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readHolder(holder: string): Promise<string> {
  // The file is not there in the instant between the lock and its writing. Only the lock counts.
  const text = await readFile(holder, 'utf8').catch(() => '');
  return text.trim() ? `process ${text.trim()}` : 'another process';
}

function locked(directory: string, holder: string, cause: unknown): OperationalError {
  return new OperationalError('DATA_DIRECTORY_LOCKED', {
    happened: `The data directory ${directory} is in use by ${holder}`,
    remedy: 'Stop that node first, or start this one with a data directory of its own',
    cause,
  });
}
