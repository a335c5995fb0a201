import { randomUUID } from 'node:crypto';
import { TASK_STATUS } from '../../shared/model/status.ts';
import type { Logger } from '../../shared/system/logger.ts';
import type { Sealer } from '../../shared/keys/sealing.ts';
import type { MakeReports } from '../store/control/control-task.ts';
import type { TaskRow } from '../store/schema.ts';
import type { WipClass } from '../tasks/wip-class.ts';
import type { StatusReport } from '../tasks/context.ts';
import { runClassCode } from './method-scope.ts';
import { secretOptionsOf, TaskRequests } from './task-requests.ts';

/** A change by the API that the task's class may report to outside services. */
export type ReportedChange = 'paused' | 'resumed' | 'queued';

interface ReportDeps {
  readonly kinds: ReadonlyMap<string, WipClass>;
  readonly sealer: Sealer;
  readonly log: Logger;
}

/** Returns a function that makes the requests of the task's class for the change. */
export function reportsOfChange({ kinds, sealer, log }: ReportDeps, change: ReportedChange): MakeReports {
  return (task) => {
    try {
      const { uuid, options } = task;
      const wip = runClassCode(task.kind, 'create', () => kinds.get(task.kind)?.create({ uuid, options }));
      if (!wip) return [];
      const secretOption = secretOptionsOf({ sealer, kinds }, task);
      const requests = new TaskRequests({ sealer, wip, secretOption, makeNonce: randomUUID });
      return requests.ofStatus({ status: statusAfter(change, task), startedAt: task.startedAt, end: null });
    } catch (error) {
      // A failing report must not prevent the change, such as a pause.
      log.warn({ err: error, taskId: task.id }, 'a report about a task could not be made');
      return [];
    }
  };
}

function statusAfter(change: ReportedChange, { status }: Pick<TaskRow, 'status'>): StatusReport['status'] {
  if (change !== 'resumed') return change;
  const isUnderWay = status === TASK_STATUS.WAITING || status === TASK_STATUS.PROCESSING;
  return isUnderWay ? 'running' : 'queued';
}
