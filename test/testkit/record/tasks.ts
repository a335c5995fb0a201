import { TASK_STATUS } from '../../../shared/model/status.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { AttemptRow } from '../../../controlplane/store/schema.ts';
import type { StepInput } from '../../../controlplane/store/tasks/begin-step.ts';
import type { TaskLease } from '../../../controlplane/store/tasks/leases.ts';
import type { ClaimedTask } from '../../../controlplane/store/tasks/queue.ts';
import type { Attempts } from './attempts.ts';
import { deadlineOf } from './save-task.ts';
import { taskRow, type StoredTask } from './stored-task.ts';

export interface TasksDeps {
  readonly now: () => Date;
  /** False promises that each step that begins is saved to its end, which spares copies. */
  readonly nodesDie?: boolean;
  /** Returns when an agent last spoke beside its signals (heartbeats, chunks); null: it did not. */
  readonly lastReportOf?: (attempt: AttemptRow) => Date | null;
}

/** The rows of the tasks by value, and who may step them: claims, leases, wakes. */
export class Tasks {
  readonly #deps: TasksDeps;
  readonly #attempts: Attempts;
  readonly #rows = new Map<number, StoredTask>();

  constructor(deps: TasksDeps, attempts: Attempts) {
    this.#deps = deps;
    this.#attempts = attempts;
  }

  get size(): number {
    return this.#rows.size;
  }

  insert(task: StoredTask): void {
    this.#rows.set(task.row.id, task);
  }

  find(id: TaskId): StoredTask | undefined {
    return this.#rows.get(id);
  }

  all(): Iterable<StoredTask> {
    return this.#rows.values();
  }

  get(id: TaskId): StoredTask {
    const task = this.#rows.get(id);
    if (!task) throw new Error(`there is no task ${id}`);
    return task;
  }

  childrenOf(parent: TaskId): StoredTask[] {
    return [...this.#rows.values()].filter(({ row }) => row.parentId === parent);
  }

  /** Takes the task for a node if it is due; null when it is not, or must not be touched. */
  claim(id: TaskId, node: string, leaseSeconds: number): ClaimedTask | null {
    const task = this.get(id);
    const { row } = task;
    const now = this.#deps.now();
    const isTakeover = row.status === TASK_STATUS.PROCESSING && row.leaseUntil !== null && row.leaseUntil <= now;
    const isDue = row.status !== TASK_STATUS.PROCESSING && row.status !== TASK_STATUS.COMPLETE && row.wakeAt <= now;
    if (!(isTakeover || isDue) || (row.paused && row.terminateRequestedAt === null)) return null;
    // Nodes of a simulation have one name, and each takeover is by another one.
    const previousOwner = isTakeover ? `lost ${row.owner}` : null;
    const hasNews = row.wakeSeq !== row.seenSeq;
    Object.assign(row, { status: TASK_STATUS.PROCESSING, token: row.token + 1, owner: node, waitsFor: null });
    row.leaseUntil = new Date(now.getTime() + leaseSeconds * 1000);
    row.startedAt ??= now;
    if (row.slot === 'none') row.slot = row.parentId === null ? 'own' : 'parent';
    row.seenSeq = row.wakeSeq;
    if (isTakeover) row.takeovers += 1;
    return {
      ...taskRow(task, this.#deps.nodesDie === false ? 'lend' : 'copy'),
      isTakeover,
      previousOwner,
      stepInput: this.#input(task, hasNews),
    };
  }

  /** Wakes a task: at once, or only if signals end its wait. */
  wake(id: TaskId, how: 'by-signal' | 'at-once'): void {
    const { row } = this.get(id);
    if (row.status === TASK_STATUS.COMPLETE) return;
    row.wakeSeq += 1;
    if (how === 'at-once') row.urgentSeq = row.wakeSeq;
    const isCut = how === 'at-once' ? row.status !== TASK_STATUS.PROCESSING : isCutBySignals(row);
    const now = this.#deps.now();
    if (isCut && now < row.wakeAt) row.wakeAt = now;
  }

  /** Begins a step of the task that still belongs to the claim. */
  begin(lease: TaskLease): StepInput | null {
    const task = this.owned(lease);
    if (!task) return null;
    const hasNews = task.row.wakeSeq !== task.row.seenSeq;
    task.row.seenSeq = task.row.wakeSeq;
    return this.#input(task, hasNews);
  }

  #input({ row }: StoredTask, hasNews: boolean): StepInput {
    const attempts = this.#attempts;
    const now = this.#deps.now();
    const current = attempts.find(row.id, ({ number }) => number === row.currentAttempt);
    if (current && hasNews) attempts.use(current);
    return {
      inbox: attempts.inbox(row.id),
      terminateRequested: row.terminateRequestedAt !== null,
      paused: row.paused && row.terminateRequestedAt === null,
      waitUntil: row.waitUntil,
      attempt: current ? this.#seen(current) : null,
      lifecycleSignals: current ? attempts.lifecycleSignals(current) : [],
      attempts: row.attempts,
      isOverdue: this.isOverdue(row, now),
      now,
    };
  }

  #seen(attempt: AttemptRow): AttemptRow {
    const report = this.#deps.lastReportOf?.(attempt) ?? null;
    const isLater = report !== null && (attempt.agentSeenAt === null || report > attempt.agentSeenAt);
    return { ...attempt, ...(isLater && { agentSeenAt: report }) };
  }

  /** Returns whether the task is past its maximum run time. */
  isOverdue(row: StoredTask['row'], now: Date): boolean {
    const deadline = deadlineOf(row);
    return deadline !== null && now > deadline;
  }

  /** Returns the task that still belongs to the claim. */
  owned(lease: TaskLease): StoredTask | null {
    const task = this.#rows.get(lease.id);
    return task?.row.token === lease.token && task.row.status === TASK_STATUS.PROCESSING ? task : null;
  }

  /** Returns the task whose lease still holds: nothing is begun outside after its end. */
  leased(lease: TaskLease): StoredTask | null {
    const task = this.owned(lease);
    return task?.row.leaseUntil && task.row.leaseUntil > this.#deps.now() ? task : null;
  }
}

function isCutBySignals(row: StoredTask['row']): boolean {
  return row.status === TASK_STATUS.WAITING && row.isCutBySignals;
}
