import { pino } from 'pino';
import pretty from 'pino-pretty';
import { createLogger, type Logger, type LogLevel } from '../../../shared/support/logger.ts';

/**
 * Creates the log of a node, always on stderr: text for people on a terminal, one JSON object a line everywhere else.
 */
export function createNodeLog(level: LogLevel): Logger {
  const destination = process.stderr.isTTY
    ? pretty({
        colorize: !process.env['NO_COLOR'],
        ignore: 'pid,hostname,name',
        translateTime: 'SYS:HH:MM:ss',
        destination: 2,
      })
    : pino.destination(2);
  return createLogger('wip', level, destination);
}
