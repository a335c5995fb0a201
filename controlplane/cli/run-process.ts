import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { systemClock } from '../../shared/support/clock.ts';
import type { CliContext, Sink } from './cli-context.ts';
import { EXIT_CODE } from './exit-code.ts';
import { runProgram } from './program.ts';

function sinkOf(stream: NodeJS.WriteStream): Sink {
  // A reader that has seen enough (`wipctl logs 7 | head -1`) closes the pipe. As of any program that ends by SIGPIPE, which
  // Node ignores, nothing is said, and the code tells a shell with `pipefail` that not everything was read.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(EXIT_CODE.READER_GONE);
  });
  return {
    write: (text) => void stream.write(text),
    async drained(stop) {
      if (!stream.writableNeedDrain) return;
      // Rejected by an abort only: after an error of the stream this process ends.
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

function onTermination(): AbortSignal {
  const terminated = new AbortController();
  // Once each, as above.
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => terminated.abort(signal));
  return terminated.signal;
}

/** Runs the command line of this process. */
export async function runProcess(): Promise<void> {
  const context: CliContext = {
    environment: process.env,
    cwd: process.cwd(),
    out: sinkOf(process.stdout),
    err: sinkOf(process.stderr),
    readInput: () => text(process.stdin),
    clock: systemClock,
    onInterrupt,
    onTermination,
    setExitCode: (code) => {
      process.exitCode = code;
    },
  };

  await runProgram(process.argv.slice(2), context);
}
