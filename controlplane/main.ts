#!/usr/bin/env node
import { text } from 'node:stream/consumers';
import { systemClock } from '../shared/support/clock.ts';
import type { CliContext, Sink } from './cli/cli-context.ts';
import { runProgram } from './cli/program.ts';

function sinkOf(stream: NodeJS.WriteStream): Sink {
  // A reader that has seen enough (`wipctl tasks | head -1`) closes the pipe: that is an end, not an error.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  return { write: (text) => void stream.write(text), isTerminal: stream.isTTY ?? false, columns: stream.columns };
}

function onInterrupt(): AbortSignal {
  const interrupted = new AbortController();
  // Once: a second Ctrl-C ends the program whatever it is doing.
  process.once('SIGINT', () => interrupted.abort());
  return interrupted.signal;
}

const context: CliContext = {
  environment: process.env,
  cwd: process.cwd(),
  out: sinkOf(process.stdout),
  err: sinkOf(process.stderr),
  readInput: () => text(process.stdin),
  clock: systemClock,
  onInterrupt,
  setExitCode: (code) => {
    process.exitCode = code;
  },
};

await runProgram(process.argv.slice(2), context);
