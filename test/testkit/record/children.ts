import { TASK_STATUS } from '../../../shared/model/status.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { NewEffect } from '../../../controlplane/store/effects/effects.ts';
import type { NewTask } from '../../../controlplane/store/tasks/add-task.ts';
import type { ChildOutcome, ChildRow } from '../../../controlplane/store/tasks/children.ts';
import type { TaskLease } from '../../../controlplane/store/tasks/leases.ts';
import type { Effects } from './effects.ts';
import { stateOf, type StoredTask } from './stored-task.ts';
import type { Tasks } from './tasks.ts';

interface ChildrenDeps {
  readonly tasks: Tasks;
  readonly effects: Effects;
  readonly addTask: (task: NewTask & { uuid: string }) => TaskId;
  readonly onAdded: ((child: TaskId, name: string) => void) | undefined;
}

/** The tasks that tasks have added. */
export class Children {
  readonly #deps: ChildrenDeps;

  constructor(deps: ChildrenDeps) {
    this.#deps = deps;
  }

  add(lease: TaskLease, { effect, task }: { effect: NewEffect; task: NewTask }): ChildOutcome {
    const { tasks, effects, addTask, onAdded } = this.#deps;
    for (let above: StoredTask | undefined = tasks.find(lease.id); above;) {
      if (above.row.workId === task.workId) return { kind: 'work-held', by: above.row.id };
      above = above.row.parentId === null ? undefined : tasks.find(above.row.parentId);
    }
    const parent = tasks.leased(lease);
    if (!parent) return { kind: 'lost' };
    const known = effects.intend(lease.id, { state: stateOf(parent), kind: 'child' }, effect);
    if (known.existed) return { kind: 'added', id: (known.answer as { taskId: TaskId }).taskId };
    if (task.uuid === undefined) throw new Error('a child needs a uuid');
    const id = addTask({ ...task, uuid: task.uuid, parentId: lease.id });
    effects.settle(lease.id, effect.key, 'answered', { taskId: id });
    onAdded?.(id, effect.name);
    return { kind: 'added', id };
  }

  /** Returns the children that the task has added since it was started last. */
  list(parent: TaskId): readonly ChildRow[] {
    const { startedAt } = this.#deps.tasks.get(parent).row;
    const children = this.#deps.tasks
      .childrenOf(parent)
      .filter(({ row }) => startedAt !== null && row.createdAt >= startedAt);
    return children.map(({ row: { id, kind, title, status, exitStatus, exitMessage, cause } }) => {
      return { id, kind, title, status, exitStatus, exitMessage, cause };
    });
  }

  /** Returns the tasks that go on although their parent has ended, and that nobody has ended yet; null: of every parent. */
  orphans(parent: TaskId | null): TaskId[] {
    const { tasks } = this.#deps;
    return [...tasks.all()].flatMap(({ row }) => {
      const above = row.parentId === null ? undefined : tasks.find(row.parentId);
      if (!above || (parent !== null && row.parentId !== parent)) return [];
      const needsParent = row.slot === 'parent' || row.status === TASK_STATUS.NOT_STARTED;
      const isOrphan = above.row.status === TASK_STATUS.COMPLETE && row.status !== TASK_STATUS.COMPLETE && needsParent;
      return isOrphan && row.terminateRequestedAt === null ? [row.id] : [];
    });
  }
}
