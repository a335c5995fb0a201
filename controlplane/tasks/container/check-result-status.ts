import type { ProcessStatus } from '../../../shared/protocol/agent-api.ts';
import type { ProcessResult } from '../../../shared/protocol/signals.ts';
import type { Bag, InboxSignal } from '../context.ts';
import { CLASS_ID, type ProcessCompleteSignal } from '../../../shared/protocol/signals.ts';

/** A process that a state started, as its bag keeps it. Times are ISO 8601, because the bag is JSON. */
export interface TrackedProcess {
  readonly processId: string;
  readonly startedAt: string;
  readonly askedAt: string;
  readonly result: ProcessResult | null;
  readonly noProgress: boolean;
  /** The status when the agent was last asked. */
  readonly secondsSinceProgress: number;
  /** When the agent first reported that it does not know the process. */
  readonly missingSince: string | null;
}

/** The result of an SSH interaction without a process. */
export type InteractionResult = 'wait' | 'success' | 'ready' | 'fail' | 'ssh_fail' | 'uninitialized' | 'no_information';

/** The part of a state's bag that checkResultStatus reads. */
export interface ResultBag {
  processes: Record<string, TrackedProcess>;
  results: Record<string, InteractionResult>;
  reportOnNoProgress: boolean;
}

export const RESULT_VALUES = [
  'wait',
  'running',
  'ssh_fail',
  'fail',
  'no_progress',
  'ready',
  'success',
  'uninitialized',
] as const;
export type ResultStatus = (typeof RESULT_VALUES)[number];

/** The exit status of OpenSSH's client when the connection failed and not the command (ssh(1), EXIT STATUS). */
const SSH_FAILED_EXIT_CODE = 255;

/** Returns the result part of a bag, and creates it when it is missing. */
export function resultBag(bag: Bag): ResultBag {
  const part = bag['resultStatus'];
  if (isResultBag(part)) return part;
  const fresh: ResultBag = { processes: {}, results: {}, reportOnNoProgress: false };
  bag['resultStatus'] = fresh;
  return fresh;
}

function isResultBag(part: unknown): part is ResultBag {
  return typeof part === 'object' && part !== null && 'processes' in part && 'results' in part;
}

/** Clears the results of an earlier visit of the state, before it acts again. */
export function clearResults(bag: Bag): ResultBag {
  delete bag['resultStatus'];
  return resultBag(bag);
}

export function trackProcess(bag: Bag, status: ProcessStatus, now: Date): void {
  const part = resultBag(bag);
  part.processes[status.processId] = {
    processId: status.processId,
    startedAt: now.toISOString(),
    askedAt: now.toISOString(),
    result: status.result ?? null,
    noProgress: status.noProgress,
    secondsSinceProgress: status.secondsSinceProgress,
    missingSince: null,
  };
}

export function recordStatus(part: ResultBag, status: ProcessStatus, now: Date): void {
  const before = part.processes[status.processId];
  if (!before) return;
  part.processes[status.processId] = {
    ...before,
    askedAt: now.toISOString(),
    result: status.result ?? before.result,
    noProgress: status.noProgress,
    secondsSinceProgress: status.secondsSinceProgress,
    missingSince: null,
  };
}

/** Applies the completion signals of the bag's own processes, and returns the ids of the consumed signals. */
export function takeCompletions(part: ResultBag, signals: readonly InboxSignal[]): string[] {
  const consumed: string[] = [];
  for (const { id, signal } of signals) {
    if (signal.classId !== CLASS_ID.processComplete) continue;
    const complete: ProcessCompleteSignal = signal;
    const process = part.processes[complete.processId];
    if (!process) continue;
    part.processes[complete.processId] = { ...process, result: complete.result, noProgress: false };
    consumed.push(id);
  }
  return consumed;
}

/** Returns the status of one process. A running one gives `no_progress` only if the state asked for it. */
function statusOfProcess(process: TrackedProcess, reportOnNoProgress: boolean): ResultStatus {
  if (!process.result) return reportOnNoProgress && process.noProgress ? 'no_progress' : 'wait';
  if (process.result.reason === 'no-progress') return reportOnNoProgress ? 'no_progress' : 'fail';
  if (process.result.exitCode === 0) return 'success';
  return process.result.exitCode === SSH_FAILED_EXIT_CODE ? 'ssh_fail' : 'fail';
}

/**
 * Returns the worst result in the bag, in the established order. There `no_progress` comes after `wait`, so a process
 * without progress does not count as waiting too: its state would never be reported.
 */
export function decideResultStatus(part: ResultBag): ResultStatus {
  const found = new Set<string>([
    ...Object.values(part.processes).map((process) => statusOfProcess(process, part.reportOnNoProgress)),
    ...Object.values(part.results),
  ]);
  // `no_information` is no value of this method; ContainerWip decides it before.
  return RESULT_VALUES.find((value) => found.has(value)) ?? 'uninitialized';
}
