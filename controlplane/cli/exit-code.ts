import { constants } from 'node:os';
import { OperationalError } from '../../shared/model/error.ts';
import { HTTP_STATUS } from '../api/http/http-status.ts';
import { ServerRefusal } from './client/server-refusal.ts';

/**
 * Exit codes that scripts can rely on; shown by `wipctl --help`. 69 is EX_UNAVAILABLE of sysexits.h, 74 its EX_IOERR, 124 that of
 * timeout(1), and 130 and 141 are the codes that shells report for a program that SIGINT or SIGPIPE has ended.
 */
export const EXIT_CODE = {
  OK: 0,
  BUILD_FAILED: 1,
  CHECK_FAILED: 1,
  USAGE: 2,
  NOT_FOUND: 3,
  REFUSED: 4,
  UNAVAILABLE: 69,
  BUG: 70,
  OUTPUT_LOST: 74,
  TIMED_OUT: 124,
  INTERRUPTED: 130,
  READER_GONE: 141,
} as const;

/** Returns the code that a shell reports for a program that this signal has ended. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}

/** Returns the process signal from the abort reason of `CliContext.onTermination`. */
export function signalGiven({ reason }: AbortSignal): NodeJS.Signals {
  return typeof reason === 'string' && Object.hasOwn(constants.signals, reason)
    ? (reason as NodeJS.Signals)
    : 'SIGTERM';
}

/** Returns the exit code of an error; no other code decides this. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ServerRefusal) return exitCodeOfStatus(error.status);
  if (!(error instanceof OperationalError)) return EXIT_CODE.BUG;
  if (error.code === 'USAGE' || error.code === 'CONFIG_INVALID' || error.code === 'KIND_INVALID')
    return EXIT_CODE.USAGE;
  if (error.code === 'TABLE_SYNTAX' || error.code === 'BUILD_FILE_INVALID' || error.code === 'BUILD_FILE_MISSING')
    return EXIT_CODE.CHECK_FAILED;
  return exitCodeOfStatus(HTTP_STATUS[error.code]);
}

function exitCodeOfStatus(status: number): number {
  if (status === 404) return EXIT_CODE.NOT_FOUND;
  return status < 500 ? EXIT_CODE.REFUSED : EXIT_CODE.UNAVAILABLE;
}
