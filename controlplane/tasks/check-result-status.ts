import type { ProcessStatus } from '../../shared/protocol/agent-api.ts';
import type { ProcessResult } from '../../shared/protocol/signals.ts';
import type { Bag, InboxSignal } from './context.ts';
import { CLASS_ID, type ProcessCompleteSignal } from '../../shared/protocol/signals.ts';

/** A process that a state started, as its context keeps it. Times are ISO 8601 (the bag is JSON). */
export interface TrackedProcess {
  readonly processId: string;
  readonly startedAt: string;
  readonly askedAt: string;
  readonly result: ProcessResult | null;
  readonly noProgress: boolean;
  /** As of the last time it was asked. */
  readonly secondsSinceProgress: number;
  /** When the agent first said that it does not know the process. */
  readonly missingSince: string | null;
}

/** What an SSH interaction without a process came to. */
export type InteractionResult = 'success' | 'ready' | 'fail' | 'ssh_fail' | 'uninitialized' | 'no_information';

/** The part of a state's bag that checkResultStatus looks at. */
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

/** OpenSSH's client ends with this when the connection and not the command failed (ssh(1), EXIT STATUS). */
const SSH_FAILED_EXIT_CODE = 255;

/** The result part of a bag, made when it is not there yet. */
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

/** Forgets what an earlier visit of the state left, before it acts again. */
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

/** Takes the completion signals of the bag's own processes out of the inbox; answers the ids consumed. */
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

/** What one process says; running ones say `no_progress` only where the state asked for it. */
function statusOfProcess(process: TrackedProcess, reportOnNoProgress: boolean): ResultStatus {
  if (!process.result) return reportOnNoProgress && process.noProgress ? 'no_progress' : 'wait';
  if (process.result.reason === 'no-progress') return reportOnNoProgress ? 'no_progress' : 'fail';
  if (process.result.exitCode === 0) return 'success';
  return process.result.exitCode === SSH_FAILED_EXIT_CODE ? 'ssh_fail' : 'fail';
}

/**
 * The worst of all that the context holds, in the established order. `no_progress` stands behind `wait` there;
 * a process without progress is not also counted as waiting, or nobody would ever hear of it.
 */
export function decideResultStatus(part: ResultBag): ResultStatus {
  const found = new Set<string>([
    ...Object.values(part.processes).map((process) => statusOfProcess(process, part.reportOnNoProgress)),
    ...Object.values(part.results),
  ]);
  // Nothing can be learned is no value of this method; ContainerWip looks at it before.
  return RESULT_VALUES.find((value) => found.has(value)) ?? 'uninitialized';
}
