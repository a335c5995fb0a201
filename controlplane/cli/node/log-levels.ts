import type { LogLevel } from '../../../shared/support/logger.ts';

/** What `--log-level` takes, from the fewest lines to the most; at last none. */
export const LOG_LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
