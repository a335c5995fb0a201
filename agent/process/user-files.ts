import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { isAbsolute, join } from 'node:path';
import { OperationalError } from '../../shared/model/error.ts';
import { launchPlan } from './launch.ts';
import type { Account } from './users.ts';

// Reading and writing are done by a child that has the user's own rights: root following a path that the build can
// change would be led anywhere by a symbolic link.

/** A temp file in the same directory and a rename: a reader sees the old content or the new, never half of it. */
const WRITE = [
  'set -eu',
  'umask 077',
  'mkdir -p -- "$(dirname -- "$1")"',
  'temp=$(mktemp -- "$1.XXXXXXXX")',
  'trap \'rm -f -- "$temp"\' EXIT',
  // Without this a shell that is ended by a signal skips the trap above.
  "trap 'exit 1' TERM",
  'cat >"$temp"',
  'chmod -- "$2" "$temp"',
  // -T: a directory of that name is an error, not a place to put the file into.
  'mv -fT -- "$temp" "$1"',
].join('\n');

const READ = 'exec cat -- "$1"';

/** Bounds what a read keeps in memory; output of the build has a route of its own. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;

export interface FilePlace {
  readonly account: Account;
  /** Absolute, or relative to the account's home. */
  readonly path: string;
}

/** `mode` is octal text such as `600`. Throws FILE_REFUSED with the system's own words. */
export async function writeUserFile(place: FilePlace, mode: string, content: Readable): Promise<void> {
  await run(WRITE, place, [mode], content);
}

export async function readUserFile(place: FilePlace): Promise<Buffer> {
  return run(READ, place, [], undefined);
}

function run(
  script: string,
  { account, path }: FilePlace,
  more: readonly string[],
  input: Readable | undefined,
): Promise<Buffer> {
  const absolute = isAbsolute(path) ? path : join(account.home, path);
  const plan = launchPlan(['/bin/sh', '-c', script, 'sh', absolute, ...more], account, process.getuid?.() ?? -1);
  const [program = '', ...rest] = plan.argv;
  const ids = plan.uid === undefined || plan.gid === undefined ? {} : { uid: plan.uid, gid: plan.gid };
  const child = spawn(program, rest, {
    ...ids,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  return new Promise<Buffer>((resolve, reject) => {
    const refuse = (why: string): void =>
      reject(
        new OperationalError('FILE_REFUSED', {
          happened: `The file ${absolute} cannot be ${input ? 'written' : 'read'} as the user ${account.name}: ${why}`,
          remedy: 'Check the path, its permissions and the free space of the container',
        }),
      );
    const [kept, errors]: [Buffer[], Buffer[]] = [[], []];
    let keptBytes = 0;
    child.stdout.on('data', (data: Buffer) => {
      keptBytes += data.length;
      if (keptBytes <= MAX_FILE_BYTES) kept.push(data);
      else child.kill('SIGKILL');
    });
    child.stderr.on('data', (data: Buffer) => errors.push(data));
    child.once('error', (error) => refuse(error.message));
    child.once('close', (code) => {
      if (code === 0) return resolve(Buffer.concat(kept));
      const words = Buffer.concat(errors).toString().trim().replaceAll('\n', '; ');
      return refuse(
        keptBytes > MAX_FILE_BYTES ? `it is larger than ${MAX_FILE_BYTES} bytes` : words || 'the child was killed',
      );
    });
    // The child may refuse before it read everything; its own words are the better error.
    child.stdin.on('error', () => undefined);
    if (!input) return void child.stdin.end();
    // A caller that went away in the middle must not leave half a file: without an end of input nothing is renamed.
    const giveUp = (): void => {
      child.kill('SIGTERM');
      child.stdin.destroy();
    };
    input.once('error', giveUp);
    input.once('close', () => (input.readableEnded ? undefined : giveUp()));
    return void input.pipe(child.stdin);
  });
}
