import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../shared/model/error.ts';
import { systemClock } from '../../shared/time/clock.ts';
import type { CliContext, Sink } from './cli-context.ts';
import { EXIT_CODE } from './exit-code.ts';
import { exitWithLeftovers } from './exit-with-leftovers.ts';
import { guardExit } from './guard-exit.ts';
import { runProgram } from './program.ts';

const STDERR_FD = 2;
// The process's own: code of tasks that is being read may not end it (kinds/module-code.ts).
const endAtOnce: typeof process.exit = process.exit.bind(process);

/**
 * Ends this program when its output can no longer be written. There is no way to recover, and a command with incomplete output
 * has not succeeded.
 */
function endWithoutOutput(stream: NodeJS.WriteStream, error: NodeJS.ErrnoException): never {
  // A reader that has seen enough (`wipctl logs 7 | head -1`) closes the pipe. As of any program that ends by SIGPIPE, which
  // Node ignores, nothing is said, and the code tells a shell with `pipefail` that not everything was read.
  if (error.code === 'EPIPE') endAtOnce(EXIT_CODE.READER_GONE);
  if (stream !== process.stderr)
    sayLast(`wipctl: The output could not be written and is not complete: ${error.message}.\n`);
  endAtOnce(EXIT_CODE.OUTPUT_LOST);
}

/** Writes synchronously: process.exit would cut off text that is still in a stream. */
function sayLast(text: string): void {
  try {
    writeSync(STDERR_FD, text);
  } catch {
    // Standard error cannot be written either; the exit code still reports the failure.
  }
}

function sinkOf(stream: NodeJS.WriteStream): Sink {
  stream.on('error', (error) => endWithoutOutput(stream, error));
  return {
    write: (text) => void stream.write(text),
    async drained(stop) {
      if (!stream.writableNeedDrain) return;
      // Only an abort rejects: an error of the stream ends this process.
      await once(stream, 'drain', { ...(stop && { signal: stop }) }).catch(() => undefined);
    },
    isTerminal: stream.isTTY ?? false,
    get columns() {
      return stream.columns; // changes with the window
    },
  };
}

function onInterrupt(): AbortSignal {
  const interrupted = new AbortController();
  // Once: a second Ctrl-C ends the program whatever it is doing.
  process.once('SIGINT', () => interrupted.abort());
  return interrupted.signal;
}

/** The signals that end a program by default, except SIGINT, SIGKILL and the signals of a crash. */
const TERMINATING_SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGXCPU'] as const;

function onTermination(): AbortSignal {
  const terminated = new AbortController();
  // `once` for each, so that a second signal of the same kind ends the program.
  for (const signal of TERMINATING_SIGNALS) process.once(signal, () => terminated.abort(signal));
  return terminated.signal;
}

function forceExitAfterCommand(module: string): void {
  guardExit((error) =>
    sayLast(`wipctl: A listener of ${module} for the end of the process failed: ${messageOf(error)}.\n`),
  );
  exitWithLeftovers(async (leftovers) => {
    await Promise.all([process.stdout, process.stderr].map((stream) => written(stream)));
    const left = leftovers().join(', ');
    // The process may have waited only for a slow reader of its output.
    if (left === '') return;
    sayLast(
      `wipctl: ${module} left something that goes on (${left}), and wipctl ends without it. Begin nothing at the top level of a module with task classes, nor where a task is made.\n`,
    );
  });
}

/** Waits until the reader has taken what was written: process.exit would cut it off. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** Runs the command line of this process. */
export async function runProcess(): Promise<void> {
  const context: CliContext = {
    environment: process.env,
    cwd: process.cwd(),
    out: sinkOf(process.stdout),
    err: sinkOf(process.stderr),
    readInput: () => text(process.stdin),
    inputBytes: () => process.stdin,
    clock: systemClock,
    onInterrupt,
    onTermination,
    setExitCode: (code) => {
      process.exitCode = code;
    },
    forceExitAfterCommand,
  };

  await runProgram(process.argv.slice(2), context);
}
