import { messageOf } from '../model/error.ts';
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';

export type Logger = PinoLogger;
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** Field names that could carry a secret; a second net below Secret<T>, which prints itself as [secure]. */
const REDACTED = ['key', 'secret', 'token', 'password', 'authorization', 'privateKey', 'enrol', 'masterKey'];

/** One JSON object a line with ISO 8601 times; the message is static, data goes into fields. */
export function createLogger(name: string, level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    name,
    level,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: plainError, error: plainError },
    redact: { paths: REDACTED.flatMap((field) => [field, `*.${field}`]), censor: '[secure]' },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Returns the fields of an error that a reader needs. Libraries attach whole connections to their errors, passwords included. */
function plainError(thrown: unknown): unknown {
  try {
    return thrown instanceof Error ? fieldsOf(thrown) : thrown;
  } catch {
    // Reading an error of foreign code may throw, but logging must not.
    return { type: 'Error', message: messageOf(thrown) };
  }
}

function fieldsOf(thrown: Error): unknown {
  const code = 'code' in thrown && typeof thrown.code === 'string' ? { code: thrown.code } : {};
  const cause = thrown.cause instanceof Error ? { cause: thrown.cause.message } : {};
  return { type: thrown.name, message: thrown.message, ...code, ...cause, stack: thrown.stack };
}
