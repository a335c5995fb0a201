import { assertNever } from '../../../shared/model/assert-never.ts';
import type { LogView } from '../../api/tasks/recording/task-recording-views.ts';
import { visible, type Paint } from './text.ts';

export function logText(log: LogView, paint: Paint): string {
  const message = visible(log.message);
  switch (log.level) {
    case 'FATAL':
    case 'ERROR':
      return `${paint('red', 'error:')} ${message}`;
    case 'WARN':
    case 'ALERT':
      return `${paint('yellow', 'warning:')} ${message}`;
    case 'INFO':
      return message;
    case 'DEBUG':
    case 'TRACE':
      return paint('dim', message);
    default:
      return assertNever(log.level);
  }
}
