import { spawn } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { OperationalError } from '../../../shared/model/error.ts';

/** Where a step writes, and where it is read. */
interface StepPipe {
  /** For the step. That of stderr is closed once the step has it, that of stdout when the step has ended. */
  readonly writeFd: number;
  /** Ends when the last process that holds the pipe is gone. */
  readonly stream: Readable & { unref(): unknown };
}

export interface StepPipes {
  readonly stdout: StepPipe;
  readonly stderr: StepPipe;
  /** Leads to the pipe of stdout while its `writeFd` is open, whatever a step does with its own descriptors. */
  readonly stdoutPath: string;
}

/**
 * Pipes for stdout and stderr of a step. What Node makes of `stdio: 'pipe'` is a pair of sockets, and a socket cannot be
 * opened by a name: `> /dev/stderr` and `tee /dev/stdout` would fail with "No such device or address". A file would be
 * emptied by the same `> /dev/stdout`. Node cannot make pipes, so they begin as named ones; the names are removed at once.
 */
export async function openStepPipes(directory: string, programPath: string): Promise<StepPipes> {
  const paths = [join(directory, 'stdout'), join(directory, 'stderr')] as const;
  await makeNamedPipes(paths, programPath);
  try {
    const [stdout, stderr] = [openPipe(paths[0]), openPipe(paths[1])];
    return { stdout, stderr, stdoutPath: `/proc/${process.pid}/fd/${stdout.writeFd}` };
  } finally {
    for (const path of paths) await rm(path, { force: true });
  }
}

function openPipe(path: string): StepPipe {
  // The reader comes first and does not wait for a writer; the writer then finds a reader and does not wait either.
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY);
  return { writeFd, stream: new Socket({ fd: readFd, readable: true, writable: false }) };
}

/**
 * Writable by everybody: the directory lets nobody else in, and a command that a step runs as another user inherits it.
 */
function makeNamedPipes(paths: readonly string[], programPath: string): Promise<void> {
  // Nothing else of the build's environment: what it means for its own commands is not meant for this one. The system's own
  // program comes first, because a step may have put another one into a directory of PATH.
  const env = { PATH: `/usr/bin:/bin:${programPath}` };
  const child = spawn('mkfifo', ['-m', '0666', '--', ...paths], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (data: Buffer) => (words += data.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(noPipes(cause.message)));
    child.once('close', (code, signal) => {
      const lines = words.trim().replaceAll('\n', '; ');
      if (code === 0) resolve();
      else reject(noPipes(lines || `mkfifo was ended by ${signal ?? `exit code ${code}`}`));
    });
  });
}

function noPipes(why: string): OperationalError {
  return new OperationalError('WORKSPACE_UNUSABLE', {
    happened: `The pipes for the output of a step could not be made: ${why}`,
    remedy: 'Install mkfifo (coreutils) in the build image, and let TMPDIR name a directory of a local disk',
  });
}
