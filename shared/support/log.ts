/**
 * What a room needs of a log: a static message, data as fields. A pino logger is one, and so is the agent's own
 * writer, which does without pino because loading it costs the agent start-up time.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
