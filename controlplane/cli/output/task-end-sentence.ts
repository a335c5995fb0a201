import { assertNever } from '../../../shared/model/assert-never.ts';
import type { ExitStatus } from '../../../shared/model/status.ts';
import { formatBytes, formatGigabytes, formatSeconds } from '../../../shared/model/units.ts';
import type { TaskView } from '../../api/tasks/task-views.ts';
import type { UsageView } from '../../api/tasks/attempt-views.ts';
import { oneLine } from './text.ts';

type EndOfTask = Pick<TaskView, 'id' | 'exitStatus' | 'why' | 'exitDetail' | 'cause' | 'remedy' | 'usage' | 'attempts'>;

/** Prints `Task 7 failed through an error in the build: … It used 12 s, 0.4 GB of disk and 84 MB of memory.` */
export function endSentence(task: EndOfTask): string {
  const what = `Task ${task.id} ${wordsFor(task.exitStatus)}: ${oneLine(task.why)}`;
  return [what, reason(task), remedyText(task) ?? '', usageSentence(task)].filter((part) => part !== '').join(' ');
}

/** Causes whose detail is the output of git, which begins with git's first attempt and not with the error. */
const OF_GIT: ReadonlySet<string | null> = new Set(['source', 'push-failed']);

/**
 * Returns the first line of the detail of a system error, unless the message contains it. A user's error has been seen
 * in the output already.
 */
function reason(task: EndOfTask): string {
  if (task.exitStatus !== 'ERROR_SYSTEM' || !task.exitDetail || OF_GIT.has(task.cause)) return '';
  const line = oneLine(task.exitDetail.split('\n')[0] ?? '');
  return oneLine(task.why).includes(line) ? '' : line;
}

/** Returns the remedy for the end of a task; null when the message contains it, or none is known. */
export function remedyText({ remedy, why }: Pick<TaskView, 'remedy' | 'why'>): string | null {
  if (remedy === null || why.includes(remedy)) return null;
  return oneLine(remedy);
}

export function wordsFor(status: ExitStatus): string {
  switch (status) {
    case 'COMPLETED':
      return 'completed';
    case 'WARNING':
      return 'completed with a warning';
    case 'TERMINATED':
      return 'was terminated';
    case 'ERROR_USER':
      return 'failed through an error in the build';
    case 'ERROR_SYSTEM':
      return 'failed through an error of the system';
    case 'NOT_FINISHED':
      return 'has not finished';
    default:
      return assertNever(status);
  }
}

/** A task that launched no container has used none. */
function usageSentence({ usage, attempts }: EndOfTask): string {
  if (!usage) return attempts.length === 0 ? '' : 'What its container used is not known.';
  const lost = lossText(usage);
  return `Its container used ${usageText(usage)}.${lost === null ? '' : ` Of its output ${lost}.`}`;
}

/** Prints `9812345 of 14888896 bytes are missing`; null when no loss is known. */
export function lossText({ outputBytes, outputOmittedBytes }: UsageView): string | null {
  if (!outputOmittedBytes) return null;
  return outputBytes === null
    ? `${outputOmittedBytes} bytes are missing`
    : `${outputOmittedBytes} of ${outputBytes} bytes are missing`;
}

/** Disk and memory are peaks: a step may remove what it wrote. Unknown figures are called unknown, never shown as zero. */
export function usageText({ wallSeconds, diskPeakBytes, diskWorkloadBytes, memoryPeakBytes }: UsageView): string {
  const time = wallSeconds === null ? 'an unknown time' : formatSeconds(wallSeconds);
  const diskBytes = diskPeakBytes ?? diskWorkloadBytes; // images without our agent tell the last figure only
  const disk = diskBytes === null ? 'an unknown amount' : formatGigabytes(diskBytes);
  const memory = memoryPeakBytes === null ? 'an unknown amount' : formatBytes(memoryPeakBytes);
  return `${time}, ${disk} of disk and ${memory} of memory`;
}
