import type { TaskId } from '../../../shared/model/ids.ts';
import { EXIT_STATUS } from '../../../shared/model/status.ts';
import type { Db } from '../../store/schema.ts';
import { readTerminators } from '../../store/settings/audit.ts';
import { readProgress } from '../../store/tasks/read-progress.ts';
import type { ListedTask } from '../../store/tasks/read-tasks.ts';
import type { WipClass } from '../../tasks/wip-class.ts';
import { kindTable, type KindTable } from '../../tasks/checks/kind-table.ts';
import { summaryFacts } from './task-facts.ts';
import type { TaskSummaryFacts } from './task-views.ts';
import type { UsualTimesService } from './build/usual-times-service.ts';
import { findWaitReasons } from './why/wait-reasons.ts';

interface SummariesDeps {
  readonly db: Db;
  readonly kinds: ReadonlyMap<string, WipClass>;
  readonly usualTimes: Pick<UsualTimesService, 'findSeconds'>;
}

/** Returns what lists say of these tasks. */
export async function summariesOf(deps: SummariesDeps, tasks: readonly ListedTask[]): Promise<TaskSummaryFacts[]> {
  const [reasons, progress, terminators] = await Promise.all([
    findWaitReasons(deps.db, tasks),
    readProgress(deps.db, idsOf(tasks)),
    readTerminators(deps.db, idsOf(tasks.filter(({ exitStatus }) => exitStatus === EXIT_STATUS.TERMINATED))),
  ]);
  const seconds = await deps.usualTimes.findSeconds(
    tasks.map(({ id, groupName }) => ({ id, group: groupName, source: progress.get(id)?.source ?? null })),
  );
  return tasks.map((task, index) => {
    const facts = summaryFacts(task, {
      waiting: reasons.get(task.id) ?? null,
      progress: progress.get(task.id),
      blocks: blocksOf(deps.kinds, task.kind),
      usualSeconds: seconds[index] ?? null,
    });
    const terminatedBy = terminators.get(task.id);
    return terminatedBy === undefined ? facts : { ...facts, terminatedBy };
  });
}

function idsOf(tasks: readonly ListedTask[]): TaskId[] {
  return tasks.map(({ id }) => id);
}

export function blocksOf(kinds: ReadonlyMap<string, WipClass>, name: string): KindTable['blocks'] | undefined {
  const kind = kinds.get(name);
  return kind && kindTable(kind)?.blocks;
}
