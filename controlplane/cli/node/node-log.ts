import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import type { DestinationStream } from 'pino';
import pretty from 'pino-pretty';
import { createLogger, type Logger, type LogLevel } from '../../../shared/system/logger.ts';
import { createLogDestination } from './log-destination.ts';

const STDERR_FD = 2;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/**
 * Creates the log of a node, always on stderr: text for people on a terminal, one JSON object a line everywhere else.
 * In any thread: `process.stderr` of another one than the first is no terminal.
 */
export function createNodeLog(level: LogLevel): Logger {
  const plain = createLogDestination({
    write: (bytes) => writeSync(STDERR_FD, bytes),
    pause: (ms) => void Atomics.wait(NEVER, 0, 0, ms),
    onLost: (lines) => log.warn({ lines }, 'lines of this log could not be written and are lost'),
  });
  const log = createLogger('wip', level, isatty(STDERR_FD) ? prettyOn(plain) : plain);
  return log;
}

function prettyOn(plain: DestinationStream): DestinationStream {
  return pretty({
    colorize: !process.env['NO_COLOR'],
    ignore: 'pid,hostname,name',
    translateTime: 'SYS:HH:MM:ss',
    destination: new Writable({
      write: (text: Buffer, _encoding, done) => {
        plain.write(text.toString());
        done();
      },
    }),
  });
}
