import type { TaskId } from '../../../shared/model/ids.ts';
import { exitStatusOf } from '../../../shared/model/status.ts';
import { faultOfExit } from '../../containers/causes/end-cause.ts';
import type { Db } from '../../store/schema.ts';
import { countCauses, countSeenBefore } from '../../store/tasks/count-causes.ts';
import { findTask } from '../../store/tasks/read-tasks.ts';
import type { VisibleTasks } from '../../store/tasks/task-conditions.ts';
import type { CausesAnswer, SeenBeforeAnswer } from './cause-views.ts';

/** Tells why tasks fail. Only `visible` tasks count; undefined: all tasks. */
export interface CauseService {
  countCauses(
    period: { readonly since: Date; readonly until: Date },
    visible: VisibleTasks | undefined,
  ): Promise<CausesAnswer>;
  /** Returns null for a task that is gone. */
  countSeenBefore(id: TaskId, visible: VisibleTasks | undefined): Promise<SeenBeforeAnswer | null>;
}

// The count stops here: nobody needs the exact number beyond it.
const MOST_COUNTED = 1_000;
const NONE = { count: 0, isMore: false, lastAt: null, lastTaskId: null };

export function createCauseService(db: Db): CauseService {
  return {
    countCauses: async ({ since, until }, visible) => ({
      since: since.toISOString(),
      until: until.toISOString(),
      causes: (await countCauses(db, { since, until }, visible)).map((row) => ({
        cause: row.cause,
        fault: faultOfExit(row.exitStatus, row.fault),
        count: row.count,
        lastAt: row.lastAt.toISOString(),
        lastTaskId: row.lastId,
      })),
    }),
    async countSeenBefore(id, visible) {
      const task = await findTask(db, { id });
      if (!task) return null;
      const { cause } = task;
      const isFailed = exitStatusOf(task.exitStatus).startsWith('ERROR_');
      if (cause === null || !isFailed || task.completedAt === null) return { cause, ...NONE };
      const { count, lastAt, lastId } = await countSeenBefore(db, task, { limit: MOST_COUNTED + 1, visible });
      return {
        cause,
        count: Math.min(count, MOST_COUNTED),
        isMore: count > MOST_COUNTED,
        lastAt: lastAt?.toISOString() ?? null,
        lastTaskId: lastId,
      };
    },
  };
}
