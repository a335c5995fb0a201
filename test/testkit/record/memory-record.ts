import { LOG_LEVEL } from '../../../controlplane/tasks/context.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { KnownEffect } from '../../../controlplane/store/effects/effects.ts';
import type { NewRequest } from '../../../controlplane/store/outbox/requests.ts';
import type { NewStep } from '../../../controlplane/store/schema.ts';
import type { NewTask } from '../../../controlplane/store/tasks/add-task.ts';
import type { TaskLease } from '../../../controlplane/store/tasks/leases.ts';
import type { ClaimedTask } from '../../../controlplane/store/tasks/queue.ts';
import type { NewLog, SavedStep, SaveOutcome } from '../../../controlplane/store/tasks/save-step.ts';
import { Attempts, type ReceivedBody } from './attempts.ts';
import { Children } from './children.ts';
import { Effects, type StoredEffect } from './effects.ts';
import { Launches } from './launches.ts';
import { saveTask } from './save-task.ts';
import { stateOf, storedTask, type StoredTask } from './stored-task.ts';
import { Tasks, type TasksDeps } from './tasks.ts';

export interface RecordDeps extends TasksDeps {
  /** Called after each save. */
  readonly onSaved?: (task: TaskId, step: SavedStep, at: Date) => void;
  /** Called with each new outgoing request. */
  readonly onRequest?: (effect: StoredEffect) => void;
  readonly onChildAdded?: (child: TaskId, name: string) => void;
}

type Recorded = NewStep & { readonly at: Date };
type Logged = NewLog & { readonly at: Date };

/**
 * The record by value: the same promises as the record in PostgreSQL, for one process and as long as it lives. What is
 * here is what people, nodes and agents do to it; steps use it as a StepStore (memory-step-store.ts).
 */
export class MemoryRecord {
  readonly attempts = new Attempts();
  readonly effects = new Effects();
  readonly tasks: Tasks;
  readonly children: Children;
  readonly launches: Launches;
  readonly #deps: RecordDeps;
  readonly #steps = new Map<number, Recorded[]>();
  readonly #logs = new Map<number, Logged[]>();

  constructor(deps: RecordDeps) {
    this.#deps = deps;
    this.tasks = new Tasks(deps, this.attempts);
    this.launches = new Launches({
      tasks: this.tasks,
      attempts: this.attempts,
      effects: this.effects,
      now: deps.now,
    });
    this.children = new Children({
      tasks: this.tasks,
      effects: this.effects,
      addTask: (task) => this.addTask(task),
      onAdded: deps.onChildAdded,
    });
  }

  addTask(task: NewTask & { uuid: string }): TaskId {
    const stored = storedTask(this.tasks.size + 1, task, this.#deps.now());
    this.tasks.insert(stored);
    this.#steps.set(stored.row.id, []);
    this.#logs.set(stored.row.id, []);
    for (const request of task.requests ?? []) this.intendRequest(stored, request);
    return stored.row.id;
  }

  task(id: TaskId): StoredTask {
    return this.tasks.get(id);
  }

  steps(id: TaskId): readonly Recorded[] {
    return this.#steps.get(id) ?? [];
  }

  logs(id: TaskId): readonly Logged[] {
    return this.#logs.get(id) ?? [];
  }

  /** Takes the task for a node if it is due; null when it is not, or must not be touched. */
  claim(id: TaskId, node: string, leaseSeconds: number): ClaimedTask | null {
    return this.tasks.claim(id, node, leaseSeconds);
  }

  /** Keeps a signal of an attempt. One of the current attempt of a task that has not ended wakes it. */
  receive(attemptId: number, signal: ReceivedBody): 'recorded' | 'repeated' | 'ended' {
    const outcome = this.attempts.record(attemptId, signal, this.#deps.now());
    const attempt = this.attempts.byId(attemptId);
    const { row } = this.task(attempt.taskId);
    if (outcome === 'recorded' && row.currentAttempt === attempt.number) this.wake(row.id, 'by-signal');
    return outcome;
  }

  /** Wakes a task: at once, or only if signals end its wait. */
  wake(id: TaskId, how: 'by-signal' | 'at-once'): void {
    this.tasks.wake(id, how);
  }

  /** Notes that the agent of an attempt has enrolled, with its SSH host key. */
  enrol(attemptId: number, hostKey: string): void {
    const now = this.#deps.now();
    Object.assign(this.attempts.byId(attemptId), { enrolledAt: now, agentSeenAt: now, hostKey });
  }

  /** Notes that somebody else used the enrolment token too. The task is woken, because it stops the container. */
  noteReuse(attemptId: number): void {
    const attempt = this.attempts.byId(attemptId);
    attempt.reusedAt ??= this.#deps.now();
    this.wake(attempt.taskId, 'at-once');
  }

  requestTermination(id: TaskId): void {
    const { row } = this.task(id);
    row.terminateRequestedAt ??= this.#deps.now();
    this.wake(row.id, 'at-once');
  }

  setPaused(id: TaskId, paused: boolean): void {
    const { row } = this.task(id);
    row.paused = paused;
    if (!paused) this.wake(row.id, 'at-once');
  }

  /** Saves a step of the lease's holder, and wakes what waits for it. */
  save(lease: TaskLease, step: SavedStep): SaveOutcome {
    const task = this.tasks.owned(lease);
    if (!task) return { kind: 'lost' };
    const { row } = task;
    const now = this.#deps.now();
    saveTask(task, step, now, this.#deps.nodesDie !== false);
    for (const one of step.steps ?? []) this.#steps.get(row.id)!.push({ ...one, at: now });
    for (const log of step.logs ?? []) this.#logs.get(row.id)!.push({ ...log, at: now });
    this.attempts.consume(row.id, step.consumed ?? []);
    for (const request of step.requests ?? []) this.intendRequest(task, request);
    const hasEnded = step.next.kind === 'complete';
    const isRunnable = row.status === TASK_STATUS.WAITING && row.wakeAt <= now;
    if (hasEnded && row.parentId !== null) this.wake(row.parentId, 'by-signal');
    this.#deps.onSaved?.(row.id, step, now);
    return {
      kind: 'saved',
      hasNews: row.wakeSeq > row.seenSeq,
      isRunnable,
      sleepsMs: row.status === TASK_STATUS.WAITING ? Math.max(0, row.wakeAt.getTime() - now.getTime()) : null,
      isOverdue: this.tasks.isOverdue(row, now),
      now,
      hasOrphans: hasEnded && this.tasks.childrenOf(row.id).some((child) => child.row.status !== TASK_STATUS.COMPLETE),
      toNotify: [
        ...(isRunnable || hasEnded ? [row.id] : []),
        ...(hasEnded && row.parentId !== null ? [row.parentId] : []),
      ],
    };
  }

  /** Gives the lease back; the task is due again after the time. */
  release(lease: TaskLease, afterSeconds: number): 'released' | 'lost' {
    const task = this.tasks.owned(lease);
    if (!task) return 'lost';
    const wakeAt = new Date(this.#deps.now().getTime() + afterSeconds * 1000);
    const released = { status: TASK_STATUS.WAITING, wakeAt, token: lease.token + 1, owner: null, leaseUntil: null };
    Object.assign(task.row, released);
    return 'released';
  }

  /** Adds a warning to the task's log. */
  warn(task: TaskId, message: string): void {
    this.#logs.get(task)?.push({ level: LOG_LEVEL.WARN, message, isUserReadable: false, at: this.#deps.now() });
  }

  endOrphans(parent: TaskId | null): void {
    for (const orphan of this.children.orphans(parent)) {
      const { row } = this.task(orphan);
      row.supersededBy = row.parentId;
      this.requestTermination(orphan);
    }
  }

  intendRequest(task: StoredTask, request: NewRequest): KnownEffect {
    const known = this.effects.intendRequest(task.row.id, stateOf(task), request, this.#deps.now());
    if (!known.existed) this.#deps.onRequest?.(this.effects.stored(request.effect.key));
    return known;
  }
}
