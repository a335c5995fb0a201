import { isatty } from 'node:tty';
import { pino } from 'pino';
import pretty from 'pino-pretty';
import { createLogger, type Logger, type LogLevel } from '../../../shared/support/logger.ts';

const STDERR_FD = 2;

/**
 * Creates the log of a node, always on stderr: text for people on a terminal, one JSON object a line everywhere else.
 * In any thread: `process.stderr` of another one than the first is no terminal.
 */
export function createNodeLog(level: LogLevel): Logger {
  const destination = isatty(STDERR_FD)
    ? pretty({
        colorize: !process.env['NO_COLOR'],
        ignore: 'pid,hostname,name',
        translateTime: 'SYS:HH:MM:ss',
        destination: STDERR_FD,
      })
    : pino.destination(STDERR_FD);
  return createLogger('wip', level, destination);
}
