import type { LogLevel } from '../../../shared/system/logger.ts';

/** The values of `--log-level`, from the fewest lines to the most; the last one means no lines. */
export const LOG_LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
