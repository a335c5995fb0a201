import { constants } from 'node:os';
import { formatBytes } from '../../../shared/model/units.ts';
import { escapeControls } from '../../../shared/text/quote.ts';
import type { FullDisk } from '../full-disk.ts';

export interface ExitOfCommand {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The kernel killed a process of the container for memory while the step ran. */
  readonly ranOutOfMemory: boolean;
  /** A disk that was full while the step ran. */
  readonly fullDisk: FullDisk | null;
}

const SIGNAL_NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number as number, name]));
/** A shell says 128 + n of a command that the signal n ended. */
const SIGNAL_BASE = 128;

/** A clause, for a step that failed and for one that did not. */
export const KILLED_FOR_MEMORY = 'the kernel ended a process because the memory of the container was used up';

/** `exit code 3`, `exit code 143 (SIGTERM)`, and why, where a signal has one usual reason. */
export function exitWords(end: ExitOfCommand): string {
  const signal = signalOf(end);
  if (end.exitCode === null) return `ended by ${signal}${withBrackets(whyOf(signal, end))}`;
  const why = whyOf(signal, end);
  return `exit code ${end.exitCode}${withBrackets(signal === null ? why : [signal, why].filter(Boolean).join(': '))}`;
}

/** The signal that ended the step's shell, or the command whose exit code the shell passed on. */
export function signalOf({ exitCode, signal }: Pick<ExitOfCommand, 'exitCode' | 'signal'>): string | null {
  return exitCode === null ? signal : (SIGNAL_NAMES.get(exitCode - SIGNAL_BASE) ?? null);
}

/** The exit code as a shell says it, also of what a signal ended. */
export function exitCodeOfEnd({ exitCode, signal }: Pick<ExitOfCommand, 'exitCode' | 'signal'>): number {
  return exitCode ?? SIGNAL_BASE + constants.signals[signal as NodeJS.Signals];
}

function whyOf(signal: string | null, { ranOutOfMemory, fullDisk }: ExitOfCommand): string {
  // A program may notice that a process of its own was killed, and end with a code of its own.
  if (ranOutOfMemory) return KILLED_FOR_MEMORY;
  // Its own words may have found no room either.
  if (fullDisk !== null) return fullDiskWords(fullDisk);
  switch (signal) {
    case 'SIGKILL':
      return 'it was killed; memory was not used up, as far as the container can tell';
    case 'SIGPIPE':
      return 'it wrote to a command that had stopped reading, such as head; pipefail makes that a failure';
    default:
      return '';
  }
}

function fullDiskWords({ path, freeBytes, lacks }: FullDisk): string {
  const what = lacks === 'space' ? 'full' : 'out of inodes';
  return `the disk of ${escapeControls(path)} was ${what} while it ran: ${formatBytes(freeBytes)} were left`;
}

function withBrackets(text: string): string {
  return text === '' ? '' : ` (${text})`;
}
