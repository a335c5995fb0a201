import { messageOf } from '../../../shared/model/error.ts';
import type { Clock } from '../../../shared/support/clock.ts';
import type { NewRequest } from '../../store/outbox/requests.ts';
import type { TaskRow } from '../../store/schema.ts';
import { LOG_LEVEL, type StatusReport, type WipLogLevel } from '../../tasks/context.ts';
import type { TaskRequests } from '../task-requests.ts';
import type { TaskDraft } from './task-draft.ts';

/** A run of a task, as far as it is told of. */
export interface ToldRun {
  readonly deps: { readonly clock: Pick<Clock, 'now' | 'monotonicMs'> };
  readonly row: Pick<TaskRow, 'startedAt'>;
  readonly draft: TaskDraft;
  readonly requests: TaskRequests;
}

const LEVEL_NAMES: ReadonlyMap<number, WipLogLevel> = new Map(
  Object.entries(LOG_LEVEL).map(([name, level]) => [level, name as WipLogLevel]),
);

/** Has services told of a change of the task, with the commit that is saved next. */
export function tellStatus(run: ToldRun, status: Extract<StatusReport['status'], 'running' | 'ended'>): void {
  const { draft, row } = run;
  const end = status === 'ended' ? { at: nowOf(run), exit: draft.exit } : null;
  tell(run, (requests) => requests.ofStatus({ status, startedAt: row.startedAt, end }));
}

/** Has services told of the entries of the log that are saved next. */
export function tellLogs(run: ToldRun): void {
  const { draft } = run;
  const at = nowOf(run);
  for (const { level, message, isUserReadable } of draft.logs) {
    if (!isUserReadable) continue;
    tell(run, (requests) => requests.ofLog({ at, level: LEVEL_NAMES.get(level) ?? 'INFO', message }));
  }
}

/** The time of the database when the step began, and what has passed here since. */
function nowOf({ draft: { stepBegan }, deps: { clock } }: ToldRun): Date {
  if (!stepBegan) return clock.now();
  return new Date(stepBegan.at.getTime() + Math.round(clock.monotonicMs() - stepBegan.monotonicMs));
}

/** A report decides nothing about the task: an error of it is only logged. */
function tell({ draft, requests }: ToldRun, prepare: (requests: TaskRequests) => NewRequest[]): void {
  try {
    draft.requests.push(...prepare(requests));
  } catch (error) {
    draft.log(LOG_LEVEL.WARN, `A report about the task could not be made: ${messageOf(error)}`, false);
  }
}
