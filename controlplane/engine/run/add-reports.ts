import { messageOf } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { NewRequest } from '../../store/outbox/requests.ts';
import type { TaskRow } from '../../store/schema.ts';
import { LOG_LEVEL, type StatusReport, type WipLogLevel } from '../../tasks/context.ts';
import type { TaskRequests } from '../task-requests.ts';
import type { TaskDraft } from './task-draft.ts';

/** The parts of a run that reports need. */
export interface ReportedRun {
  readonly deps: { readonly clock: Pick<Clock, 'now' | 'monotonicMs'> };
  readonly row: Pick<TaskRow, 'startedAt'>;
  readonly draft: TaskDraft;
  readonly requests: TaskRequests;
}

const LEVEL_NAMES: ReadonlyMap<number, WipLogLevel> = new Map(
  Object.entries(LOG_LEVEL).map(([name, level]) => [level, name as WipLogLevel]),
);

/** Adds requests that report a change of the task to services; they are committed by the next save. */
export function addStatusReport(run: ReportedRun, status: Extract<StatusReport['status'], 'running' | 'ended'>): void {
  const { draft, row } = run;
  const end = status === 'ended' ? { at: nowOf(run), exit: draft.exit } : null;
  addReports(run, (requests) => requests.ofStatus({ status, startedAt: row.startedAt, end }));
}

/** Adds requests that report the log entries of the next save to services. */
export function addLogReports(run: ReportedRun): void {
  const { draft } = run;
  const at = nowOf(run);
  for (const { level, message, isUserReadable } of draft.logs) {
    if (!isUserReadable) continue;
    addReports(run, (requests) => requests.ofLog({ at, level: LEVEL_NAMES.get(level) ?? 'INFO', message }));
  }
}

/** Returns the database's time: that of the step's begin, plus the time that has passed on this node since. */
function nowOf({ draft: { stepBegan }, deps: { clock } }: ReportedRun): Date {
  if (!stepBegan) return clock.now();
  return new Date(stepBegan.at.getTime() + Math.round(clock.monotonicMs() - stepBegan.monotonicMs));
}

/** Runs a report. A failing report must not fail the task, so its error is only logged. */
function addReports({ draft, requests }: ReportedRun, prepare: (requests: TaskRequests) => NewRequest[]): void {
  try {
    draft.requests.push(...prepare(requests));
  } catch (error) {
    draft.log(LOG_LEVEL.WARN, `A report about the task could not be made: ${messageOf(error)}`, false);
  }
}
