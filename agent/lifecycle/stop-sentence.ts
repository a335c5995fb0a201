import { assertNever } from '../../shared/model/assert-never.ts';
import type { StopCause } from '../../shared/model/stop-cause.ts';
import { formatGigabytes, formatGigabytesApart, formatSeconds, formatSecondsApart } from '../../shared/model/units.ts';

/** The figures at the moment of the first cause. */
export interface StopFigures {
  readonly ranSeconds: number;
  readonly maxTimeSeconds: number;
  readonly workloadBytes: number | null;
  readonly maxWorkloadBytes: number;
  readonly initialBytes: number | null;
  readonly inodes: number | null;
  readonly maxInodes: number;
  /** Free bytes of the fullest filesystem. */
  readonly freeBytes: number | null;
  /** Origin of what fills that filesystem since the build began. */
  readonly fullest: {
    readonly freeAtStartBytes: number;
    readonly workloadBytes: number;
    readonly outputBytes: number;
  } | null;
  /** Figures of the filesystem that has no inodes left; null where there is none. */
  readonly lackingInodes: { readonly free: number; readonly freeAtStart: number; readonly workload: number } | null;
  readonly noProgressSeconds: number;
  /** Keys of all processes that run; the one that the verdict is about comes first where that is known. */
  readonly running: readonly string[];
  /** Description of the failure, for `internal`; name of the signal, for `sigterm`. */
  readonly detail: string | null;
}

/** Returns one sentence for people: why the container ends, with the figures that decided it. */
export function stopSentence(cause: StopCause, figures: StopFigures): string {
  switch (cause) {
    case 'shutdown-file':
      return 'The container was told to shut down.';
    case 'limit-disk':
      return `${diskSentence(figures)}${notKnownWho(figures)}`;
    case 'limit-inodes':
      return `${inodesSentence(figures)}${notKnownWho(figures)}`;
    case 'limit-time':
      return timeSentence(figures);
    case 'host-disk-pressure':
      return `${pressureSentence(figures)} The build is not to blame; start it again.`;
    case 'no-progress':
      return `The build made no progress for ${formatSeconds(figures.noProgressSeconds)}${inProcess(figures)}: no output, no processor time, nothing written, no new process.`;
    case 'sigterm':
      return `The container was stopped from outside (${figures.detail ?? 'SIGTERM'}).`;
    case 'spot':
      return 'The container was stopped because its Spot instance is being taken back.';
    case 'enrolment-void':
      return 'The container was given up by the control plane.';
    case 'internal':
      return `The container agent failed: ${(figures.detail ?? 'no detail is known').replace(/\.$/, '')}.`;
    default:
      return assertNever(cause);
  }
}

function inProcess({ running }: StopFigures): string {
  return running.length > 1 ? ` in its process ${running[0]}` : '';
}

function notKnownWho({ running }: StopFigures): string {
  if (running.length < 2) return '';
  return ` Several of its processes were running (${running.join(', ')}), and it is not known which of them it was.`;
}

function timeSentence({ ranSeconds, maxTimeSeconds }: StopFigures): string {
  const [ran, limit] = formatSecondsApart(ranSeconds, maxTimeSeconds);
  return `The time limit was exceeded: the container ran for ${ran} of ${limit}.`;
}

function diskSentence(figures: StopFigures): string {
  const { workloadBytes, maxWorkloadBytes, initialBytes, fullest } = figures;
  if (fullest && workloadBytes !== null && workloadBytes <= maxWorkloadBytes) return filledSentence(figures, fullest);
  const [used, limit] =
    workloadBytes === null
      ? ['an unknown amount', formatGigabytes(maxWorkloadBytes)]
      : formatGigabytesApart(workloadBytes, maxWorkloadBytes);
  const initial = initialBytes === null ? '' : `; the container itself used ${formatGigabytes(initialBytes)} at start`;
  return `The disk limit was exceeded: the build used ${used} of ${limit}${initial}.`;
}

/** Output below this size is not worth a figure in the sentence (chosen). */
const SMALL_OUTPUT_BYTES = 1_000_000;

function filledSentence(
  { freeBytes, maxWorkloadBytes }: StopFigures,
  { freeAtStartBytes, workloadBytes, outputBytes }: NonNullable<StopFigures['fullest']>,
): string {
  // Blocks that a filesystem keeps for itself are counted as the build's: no more can have been used than was free.
  const usedBytes = Math.min(workloadBytes, freeAtStartBytes);
  const [files, free, limit] = formatGigabytesApart(usedBytes, freeAtStartBytes, maxWorkloadBytes);
  const output = outputBytes < SMALL_OUTPUT_BYTES ? '' : ` and its output ${formatGigabytes(outputBytes)}`;
  return `The disk is full, and the build filled it: it used ${files}${output} of the ${free} that were free at its start, and ${known(freeBytes)} are left; its limit is ${limit}.`;
}

function inodesSentence({ inodes, maxInodes, lackingInodes, freeBytes }: StopFigures): string {
  const isOverLimit = maxInodes > 0 && (inodes === null || inodes > maxInodes);
  if (isOverLimit || !lackingInodes)
    return `The limit of files was exceeded: the build made ${inodes ?? 'unknown'} of ${maxInodes} files.`;
  const { free, freeAtStart, workload } = lackingInodes;
  // The filesystem also counts what it made for itself.
  const made = Math.min(workload, freeAtStart);
  return `The disk has no inodes left, and the build used them: it made ${made} of the ${freeAtStart} files that the disk had room for at its start, and ${free} more can be made. Space is not what is missing: ${known(freeBytes)} are free.`;
}

function pressureSentence({ freeBytes, lackingInodes }: StopFigures): string {
  if (!lackingInodes) return `The disk of the machine is nearly full: ${known(freeBytes)} are free.`;
  return `The disk of the machine has no inodes left: ${lackingInodes.free} more files can be made on it, although ${known(freeBytes)} are free.`;
}

function known(bytes: number | null): string {
  return bytes === null ? 'an unknown amount' : formatGigabytes(bytes);
}
