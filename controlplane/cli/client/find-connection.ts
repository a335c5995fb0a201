import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import type { CliContext } from '../cli-context.ts';

/** File in which `wipctl dev` leaves its address and token, readable by its owner only. */
const DEV_FILE = join('.wip', 'dev.json');
export const DevFile = z.looseObject({ url: z.url(), token: z.string().min(1) });
export type DevFile = z.infer<typeof DevFile>;

export interface Connection {
  readonly url: string;
  readonly token: string;
}

export interface ConnectionOptions {
  readonly server?: string;
  readonly token?: string;
}

/** Looks in the options, then in the environment, then in `.wip/dev.json` of this directory or one above it. */
export function findConnection(
  options: ConnectionOptions,
  context: Pick<CliContext, 'environment' | 'cwd'>,
): Connection {
  const server = options.server ?? context.environment['WIP_SERVER'];
  const token = options.token ?? context.environment['WIP_TOKEN'];
  const dev = server && token ? undefined : findDevFile(context.cwd);
  const url = server ?? dev?.url;
  if (!url) throw nobodyKnown(context.cwd);
  checkUrl(url);
  // A token is a secret of its server: the one of `wipctl dev` is sent to that address only.
  const found = token ?? (dev && sameAddress(dev.url, url) ? dev.token : undefined);
  if (found) return { url, token: found };
  throw new OperationalError('UNAUTHORIZED', {
    happened: `There is no token for ${url}`,
    remedy: 'Give one with --token, or set WIP_TOKEN',
  });
}

function findDevFile(from: string): DevFile | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    const path = join(directory, DEV_FILE);
    const text = readIfThere(path);
    if (text !== undefined) return parseDevFile(path, text);
    if (directory === dirname(directory)) return undefined;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // The file does not exist, or its parent is no directory: the search goes on further up.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw new OperationalError('CONFIG_INVALID', {
      happened: `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      remedy: 'Make it readable, or give --server and --token',
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

function checkUrl(url: string): void {
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return;
  throw new OperationalError('USAGE', {
    happened: `"${url}" is not the address of a server`,
    remedy: 'Give one such as http://127.0.0.1:8090',
  });
}

function sameAddress(one: string, other: string): boolean {
  return URL.parse(one)?.origin === URL.parse(other)?.origin;
}

function nobodyKnown(cwd: string): OperationalError {
  return new OperationalError('CONTROL_PLANE_UNREACHABLE', {
    happened: `No control plane is known: neither --server nor WIP_SERVER is given, and there is no ${DEV_FILE} in ${cwd} or above it`,
    remedy: 'Start one here with "wipctl dev", or name one with --server and --token',
  });
}
