import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { messageOf, OperationalError } from '../../../shared/model/error.ts';
import { isLoopbackHost } from '../../../shared/http/loopback.ts';
import { readPrivateFile } from './private-file.ts';

/** File in which `wipctl dev` leaves its address and token, readable by its owner only. */
export const DEV_FILE = join('.wip', 'dev.json');
export const DevFile = z.looseObject({ url: z.url(), token: z.string().min(1) });
export type DevFile = z.infer<typeof DevFile>;

/** Connections to these addresses reach this machine itself. */
const UNSPECIFIED: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** The result of a search for such a file. */
export interface DevFileSearch {
  readonly found: (DevFile & { readonly path: string }) | null;
  /** Files that were not taken, each with the reason: sentences for people. */
  readonly passedOver: readonly string[];
}

/**
 * Searches the directory `from` and its parents. A command sends secrets to the address in such a file without asking, so a file
 * is used only if nobody else can have written it, and if its address is one of this machine. Throws CONFIG_INVALID.
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

/**
 * Returns whether the URL leads to this machine. Addresses other than loopback count too, because Docker containers reach a
 * development system at this machine's address in their network.
 */
function isOfThisMachine(url: string): boolean {
  const { protocol, hostname } = URL.parse(url) ?? { protocol: '', hostname: '' };
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isLoopbackHost(hostname) || UNSPECIFIED.has(address)) return true;
  return Object.values(networkInterfaces()).some((each) => each?.some((one) => one.address === address));
}

/** Returns undefined when the file does not exist, or its parent is not a directory. Throws CONFIG_INVALID. */
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
