import type { LogEntry, StepRow } from '../../../store/tasks/read-recording.ts';
import { LOG_LEVEL } from '../../../tasks/context.ts';
import type { LogLevelName, LogView, StepView } from './task-recording-views.ts';

const LEVEL_NAMES = new Map<number, LogLevelName>(
  Object.entries(LOG_LEVEL).map(([name, n]) => [n, name as LogLevelName]),
);

export function stepView(step: StepRow): StepView {
  return {
    number: step.id,
    from: step.fromState,
    value: step.value,
    to: step.state,
    executed: step.executed,
    at: step.startedAt.toISOString(),
    tookMs: step.tookMs,
    note: step.note,
  };
}

export function logView(log: LogEntry): LogView {
  return {
    id: log.id,
    at: log.at.toISOString(),
    level: LEVEL_NAMES.get(log.level) ?? 'INFO',
    message: log.message,
    userReadable: log.isUserReadable,
  };
}
