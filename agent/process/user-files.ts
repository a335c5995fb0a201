import type { ChildProcess, ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { isAbsolute, join } from 'node:path';
import { OperationalError } from '../../shared/model/error.ts';
import { launch } from './launch.ts';
import type { Account } from './users.ts';

// Reading and writing are done by a child that has the user's own rights: root following a path that the build can
// change would be led anywhere by a symbolic link.

/**
 * A temp file in the same directory and a rename: a reader sees the old content or the new, never half of it. Each
 * program that the shell starts takes some milliseconds on a busy machine, so it starts two for most files.
 */
const WRITE = [
  'set -euC', // -C: the temp file is made here, or there is an error
  'umask 077',
  'directory=${1%/*}/',
  '[ -d "$directory" ] || mkdir -p -- "$directory"',
  'temp=$1.$3',
  'trap \'rm -f -- "$temp"\' EXIT',
  // Without this a shell that is ended by a signal skips the trap above.
  "trap 'exit 1' TERM",
  'cat >"$temp"',
  // The umask has made it 600.
  'case $2 in 600 | 0600) ;; *) chmod -- "$2" "$temp" ;; esac',
  // -T: a directory of that name is an error, not a directory to put the file into.
  'mv -fT -- "$temp" "$1"',
  'trap - EXIT',
].join('\n');

const READ = 'exec cat -- "$1"';

/** As in mktemp's names, so that two writes of one file do not meet. */
const TEMP_NAME_BYTES = 4;

/** Bounds what a read keeps in memory; output of the build has a route of its own. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

export interface FileLocation {
  readonly account: Account;
  /** Path of the file: absolute, or relative to the account's home. */
  readonly path: string;
}

/** `mode` is octal text such as `600`. Throws FILE_REFUSED with the system's own words. */
export async function writeUserFile(location: FileLocation, mode: string, content: Readable): Promise<void> {
  await run(WRITE, location, [mode, randomBytes(TEMP_NAME_BYTES).toString('hex')], content);
}

export async function readUserFile(location: FileLocation): Promise<Buffer> {
  return run(READ, location, [], undefined);
}

async function run(
  script: string,
  { account, path }: FileLocation,
  more: readonly string[],
  input: Readable | undefined,
): Promise<Buffer> {
  const absolute = isAbsolute(path) ? path : join(account.home, path);
  const child = spawnAs(account, ['/bin/sh', '-c', script, 'sh', absolute, ...more]);
  if (input) feed(child, input);
  else child.stdin.end();
  const { code, output, words } = await outcome(child);
  if (code === 0) return output;
  throw new OperationalError('FILE_REFUSED', {
    happened: `The file ${absolute} cannot be ${input ? 'written' : 'read'} as the user ${account.name}: ${words}`,
    remedy: 'Check the path, its permissions and the free space of the container',
  });
}

function spawnAs(account: Account, argv: readonly string[]): ChildProcessWithoutNullStreams {
  const environment = { PATH: '/usr/bin:/bin' };
  const child = launch({ argv, account, cwd: '/', environment, stdio: ['pipe', 'pipe', 'pipe'] });
  if (!hasPipes(child)) throw new Error('spawn gave no pipes');
  return child;
}

function hasPipes(child: ChildProcess): child is ChildProcessWithoutNullStreams {
  return child.stdin !== null && child.stdout !== null && child.stderr !== null;
}

/** A caller that went away in the middle must not leave half a file: without an end of input nothing is renamed. */
function feed(child: ChildProcessWithoutNullStreams, input: Readable): void {
  const giveUp = (): void => {
    child.kill('SIGTERM');
    child.stdin.destroy();
  };
  input.on('error', giveUp); // of a connection there can be two errors, and one without a listener ends the agent
  input.once('close', () => (input.readableEnded ? undefined : giveUp()));
  input.pipe(child.stdin);
}

/** The child's own words about what went wrong. */
function outcome(
  child: ChildProcessWithoutNullStreams,
): Promise<{ code: number | null; output: Buffer; words: string }> {
  const [output, errors]: [Buffer[], Buffer[]] = [[], []];
  let bytes = 0;
  child.stdout.on('data', (data: Buffer) => {
    bytes += data.length;
    if (bytes <= MAX_FILE_BYTES) output.push(data);
    else child.kill('SIGKILL');
  });
  child.stderr.on('data', (data: Buffer) => errors.push(data));
  // The child may refuse before it read everything; its own words are the better error.
  child.stdin.on('error', () => undefined);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, output: Buffer.alloc(0), words: error.message }));
    child.once('close', (code) => {
      const said = Buffer.concat(errors).toString().trim().replaceAll('\n', '; ') || 'the child was killed';
      const words = bytes > MAX_FILE_BYTES ? `it is larger than ${MAX_FILE_BYTES} bytes` : said;
      resolve({ code, output: Buffer.concat(output), words });
    });
  });
}
