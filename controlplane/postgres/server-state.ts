import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { OperationalError } from '../../shared/model/error.ts';

/**
 * The file that outlives the node. Only its owner can read it, because it holds the password. It does not say which
 * server is running: postmaster.pid says that, and the server itself keeps that file, so it is never older than the server.
 */
const ServerState = z.strictObject({
  password: z.string().min(1),
  dataDirectory: z.string().min(1),
  /** The data directory has been whole once. When it is not there now it was lost, and it is never made anew. */
  isInitialised: z.boolean(),
});
export type ServerState = z.infer<typeof ServerState>;

const fileOf = (directory: string): string => join(directory, 'server.json');

export async function readServerState(directory: string): Promise<ServerState | null> {
  const text = await readFile(fileOf(directory), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return ServerState.parse(JSON.parse(text));
  } catch (cause) {
    throw new OperationalError('DATABASE_DAMAGED', {
      happened: `${fileOf(directory)} cannot be read, and the database beside it cannot be opened without its password`,
      remedy: 'Restore the directory from a backup, or start with another data directory',
      cause,
    });
  }
}

/** Writes through a temporary file, so that a crash leaves the old state or the new one. */
export async function writeServerState(directory: string, state: ServerState): Promise<void> {
  const unfinished = `${fileOf(directory)}.new`;
  await writeFile(unfinished, JSON.stringify(state), { mode: 0o600, flush: true });
  await rename(unfinished, fileOf(directory));
}
