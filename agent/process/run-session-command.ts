import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Clock } from '../../shared/time/clock.ts';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { messageOf } from '../../shared/model/error.ts';
import { launch, workingDirectory, type Launch } from './launch.ts';
import { sendSignal } from './trees/end-trees.ts';
import { inputStream, openPipes, outputStream } from './output/named-pipes.ts';
import { PROCESS_MARK } from './trees/trees.ts';
import { shellOf } from './users.ts';
import type { Workload } from './workload.ts';
import type { Account } from './users.ts';

// The SSH server declares the same shapes as those that it needs; agent/run/ hands one to the other.
export interface SessionCommand {
  readonly command: string;
  readonly user: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface StartedCommand {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

export interface SessionCommandDeps {
  readonly workload: Workload;
  readonly accountOf: (user: string) => Account;
  readonly newMark: () => string;
  readonly clock: Clock;
}

/** What a shell answers for a command that it cannot start. */
const COULD_NOT_START = 127;

/** Runs a command line of an SSH session: streams through pipes, and its tree ends with the container. */
export function runSessionCommand(
  { command, user, environment }: SessionCommand,
  deps: SessionCommandDeps,
): StartedCommand {
  return startOrTell(deps, user, (account, mark) => ({
    argv: [shellOf(account), '-c', command],
    environment: deps.workload.environmentOf(account, mark, [environment]),
  }));
}

/** Runs a program of ours like a command of the user, but without the environment of a build, which would lead it. */
export function runOwnProgram(
  { argv, user }: { readonly argv: readonly string[]; readonly user: string },
  deps: SessionCommandDeps,
): StartedCommand {
  return startOrTell(deps, user, (_account, mark) => ({ argv, environment: { [PROCESS_MARK]: mark } }));
}

type Program = Pick<Launch, 'argv' | 'environment'>;

function startOrTell(
  deps: SessionCommandDeps,
  user: string,
  programOf: (account: Account, mark: string) => Program,
): StartedCommand {
  try {
    if (deps.workload.isFrozen) return failed('The container is being stopped and starts nothing more.');
    const account = deps.accountOf(user);
    const mark = deps.newMark();
    return start(programOf(account, mark), account, mark, deps);
  } catch (error) {
    return failed(messageOf(error));
  }
}

function start(
  program: Program,
  account: Account,
  mark: string,
  { workload, clock }: SessionCommandDeps,
): StartedCommand {
  const pipes = openPipes(workload.pipeDirectory, ['stdin', 'stdout', 'stderr']);
  const streams = {
    stdin: inputStream(pipes.stdin, clock),
    stdout: outputStream(pipes.stdout),
    stderr: outputStream(pipes.stderr),
  };
  let child: ChildProcess;
  try {
    child = launch({
      ...program,
      account,
      cwd: workingDirectory(account, undefined),
      stdio: [pipes.stdin.theirs, pipes.stdout.theirs, pipes.stderr.theirs],
    });
  } catch (error) {
    for (const stream of Object.values(streams)) stream.destroy();
    throw error;
  } finally {
    for (const { theirs } of Object.values(pipes)) closeSync(theirs);
  }
  const { pid } = child;
  const tree = pid === undefined ? undefined : workload.adoptSession(pid, mark);
  return {
    ...streams,
    // The whole process group, as a terminal does it.
    kill: (signal) => void (pid !== undefined && sendSignal(-pid, signal)),
    exited: new Promise((resolve) => {
      child.once('error', () => resolve({ code: COULD_NOT_START, signal: null }));
      child.once('exit', (code, signal) => {
        if (tree) workload.endSession(tree);
        // Nobody reads what the client still sends, and a client that never ends its input would hold the pipe.
        streams.stdin.destroy();
        resolve({ code, signal });
      });
    }),
  };
}

function failed(message: string): StartedCommand {
  const stderr = new PassThrough();
  const stdout = new PassThrough();
  stderr.end(`${message}\n`);
  stdout.end();
  const exited = Promise.resolve({ code: COULD_NOT_START, signal: null });
  return { stdin: new PassThrough().resume(), stdout, stderr, kill: () => undefined, exited };
}
