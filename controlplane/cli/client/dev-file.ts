import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { isLoopbackHost } from '../../../shared/support/loopback.ts';
import { readPrivateFile } from './private-file.ts';

/** File in which `wipctl dev` leaves its address and token, readable by its owner only. */
export const DEV_FILE = join('.wip', 'dev.json');
export const DevFile = z.looseObject({ url: z.url(), token: z.string().min(1) });
export type DevFile = z.infer<typeof DevFile>;

/** Calls to these reach this machine itself. */
const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** What a search for such a file came to. */
export interface DevFileSearch {
  readonly found: (DevFile & { readonly path: string }) | null;
  /** Files that were not taken, each with the reason: sentences for people. */
  readonly passedOver: readonly string[];
}

/**
 * Searches the directory `from` and those above it. A command sends secrets to the address of such a file without being told to. So only a
 * file that nobody but its reader can have put there is taken, and only with an address of this machine. Throws CONFIG_INVALID.
 */
export function findDevFile(from: string): DevFileSearch {
  const passedOver: string[] = [];
  for (let directory = from; ; directory = dirname(directory)) {
    const path = join(directory, DEV_FILE);
    const read = readPrivateFile(path, 'Make it readable, or give --server and --token');
    if (read.kind === 'untrusted') passedOver.push(`${path} was not used: ${read.why}.`);
    if (read.kind === 'text') {
      const file = parseDevFile(path, read.text);
      if (isOfThisMachine(file.url)) return { found: { ...file, path }, passedOver };
      passedOver.push(`${path} was not used: it names ${file.url}, which is not this machine.`);
    }
    if (directory === dirname(directory)) return { found: null, passedOver };
  }
}

/** Containers of Docker reach a development system at an address that this machine has in their network, and not at loopback. */
function isOfThisMachine(url: string): boolean {
  const { protocol, hostname } = URL.parse(url) ?? { protocol: '', hostname: '' };
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isLoopbackHost(hostname) || UNSPECIFIED.has(address)) return true;
  return Object.values(networkInterfaces()).some((each) => each?.some((one) => one.address === address));
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
