import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';

/** File in which `wipctl dev` leaves its address and token, readable by its owner only. */
export const DEV_FILE = join('.wip', 'dev.json');
export const DevFile = z.looseObject({ url: z.url(), token: z.string().min(1) });
export type DevFile = z.infer<typeof DevFile>;

/** Returns the file of the directory `from` or of the nearest one above it, with its path. */
export function findDevFile(from: string): (DevFile & { readonly path: string }) | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    const path = join(directory, DEV_FILE);
    const text = readIfThere(path, 'Make it readable, or give --server and --token');
    if (text !== undefined) return { ...parseDevFile(path, text), path };
    if (directory === dirname(directory)) return undefined;
  }
}

/** Returns undefined when the file does not exist, or its parent is no directory. Throws CONFIG_INVALID. */
export function readIfThere(path: string, remedy: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw new OperationalError('CONFIG_INVALID', {
      happened: `${path} cannot be read: ${messageOf(error)}`,
      remedy,
      cause: error,
    });
  }
}

function parseDevFile(path: string, text: string): DevFile {
  try {
    return DevFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `${path} is not what "wipctl dev" writes`,
      remedy: 'Start "wipctl dev" again, or give --server and --token',
      cause,
    });
  }
}
