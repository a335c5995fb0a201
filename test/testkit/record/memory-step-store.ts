import { LOG_LEVEL } from '../../../controlplane/tasks/context.ts';
import { TASK_STATUS } from '../../../shared/model/status.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { LaunchIntent, NewAttempt } from '../../../controlplane/store/attempts/intend-launch.ts';
import type { KnownEffect, NewEffect } from '../../../controlplane/store/effects/effects.ts';
import type { NewRequest } from '../../../controlplane/store/outbox/requests.ts';
import type { NewStep } from '../../../controlplane/store/schema.ts';
import type { StepStore } from '../../../controlplane/store/step-store.ts';
import type { NewTask } from '../../../controlplane/store/tasks/add-task.ts';
import type { StepInput } from '../../../controlplane/store/tasks/begin-step.ts';
import type { ChildOutcome, ChildRow } from '../../../controlplane/store/tasks/children.ts';
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

/** The record by value: the same promises as the record in PostgreSQL, for one process and as long as it lives. */
export class MemoryStepStore implements StepStore {
  readonly attempts = new Attempts();
  readonly effects = new Effects();
  readonly #deps: RecordDeps;
  readonly #tasks: Tasks;
  readonly #children: Children;
  readonly #launches: Launches;
  readonly #steps = new Map<number, Recorded[]>();
  readonly #logs = new Map<number, Logged[]>();

  constructor(deps: RecordDeps) {
    this.#deps = deps;
    this.#tasks = new Tasks(deps, this.attempts);
    this.#launches = new Launches({
      tasks: this.#tasks,
      attempts: this.attempts,
      effects: this.effects,
      now: deps.now,
    });
    this.#children = new Children({
      tasks: this.#tasks,
      effects: this.effects,
      addTask: (task) => this.addTask(task),
      onAdded: deps.onChildAdded,
    });
  }

  addTask(task: NewTask & { uuid: string }): TaskId {
    const stored = storedTask(this.#tasks.size + 1, task, this.#deps.now());
    this.#tasks.insert(stored);
    this.#steps.set(stored.row.id, []);
    this.#logs.set(stored.row.id, []);
    for (const request of task.requests ?? []) this.#intendRequest(stored, request);
    return stored.row.id;
  }

  task(id: TaskId): StoredTask {
    return this.#tasks.get(id);
  }

  steps(id: TaskId): readonly Recorded[] {
    return this.#steps.get(id) ?? [];
  }

  logs(id: TaskId): readonly Logged[] {
    return this.#logs.get(id) ?? [];
  }

  /** Takes the task for a node if it is due; null when it is not, or must not be touched. */
  claim(id: TaskId, node: string, leaseSeconds: number): ClaimedTask | null {
    return this.#tasks.claim(id, node, leaseSeconds);
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
    this.#tasks.wake(id, how);
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

  beginStep(lease: TaskLease): Promise<StepInput | null> {
    return Promise.resolve(this.#tasks.begin(lease));
  }

  saveStep(lease: TaskLease, step: SavedStep): Promise<SaveOutcome> {
    const task = this.#tasks.owned(lease);
    if (!task) return Promise.resolve({ kind: 'lost' });
    const { row } = task;
    const now = this.#deps.now();
    saveTask(task, step, now, this.#deps.nodesDie !== false);
    for (const one of step.steps ?? []) this.#steps.get(row.id)!.push({ ...one, at: now });
    for (const log of step.logs ?? []) this.#logs.get(row.id)!.push({ ...log, at: now });
    this.attempts.consume(row.id, step.consumed ?? []);
    for (const request of step.requests ?? []) this.#intendRequest(task, request);
    const hasEnded = step.next.kind === 'complete';
    const isRunnable = row.status === TASK_STATUS.WAITING && row.wakeAt <= now;
    if (hasEnded && row.parentId !== null) this.wake(row.parentId, 'by-signal');
    this.#deps.onSaved?.(row.id, step, now);
    return Promise.resolve({
      kind: 'saved',
      hasNews: row.wakeSeq > row.seenSeq,
      isRunnable,
      sleepsMs: row.status === TASK_STATUS.WAITING ? Math.max(0, row.wakeAt.getTime() - now.getTime()) : null,
      isOverdue: this.#tasks.isOverdue(row, now),
      now,
      hasOrphans: hasEnded && this.#tasks.childrenOf(row.id).some((child) => child.row.status !== TASK_STATUS.COMPLETE),
      toNotify: [
        ...(isRunnable || hasEnded ? [row.id] : []),
        ...(hasEnded && row.parentId !== null ? [row.parentId] : []),
      ],
    });
  }

  releaseTask(lease: TaskLease, afterSeconds: number): Promise<'released' | 'lost'> {
    const task = this.#tasks.owned(lease);
    if (!task) return Promise.resolve('lost');
    const wakeAt = new Date(this.#deps.now().getTime() + afterSeconds * 1000);
    const released = { status: TASK_STATUS.WAITING, wakeAt, token: lease.token + 1, owner: null, leaseUntil: null };
    Object.assign(task.row, released);
    return Promise.resolve('released');
  }

  logLateError(task: TaskId, message: string): Promise<void> {
    this.#logs.get(task)?.push({ level: LOG_LEVEL.WARN, message, isUserReadable: false, at: this.#deps.now() });
    return Promise.resolve();
  }

  countTakeovers(lease: TaskLease): Promise<number | null> {
    const task = this.#tasks.find(lease.id);
    return Promise.resolve(task?.row.token === lease.token ? task.row.takeovers : null);
  }

  addChild(lease: TaskLease, child: { effect: NewEffect; task: NewTask }): Promise<ChildOutcome> {
    return Promise.resolve(this.#children.add(lease, child));
  }

  listChildren(parent: TaskId): Promise<readonly ChildRow[]> {
    return Promise.resolve(this.#children.list(parent));
  }

  endOrphans(parent: TaskId | null): Promise<void> {
    for (const orphan of this.#children.orphans(parent)) {
      const { row } = this.task(orphan);
      row.supersededBy = row.parentId;
      this.requestTermination(orphan);
    }
    return Promise.resolve();
  }

  /** A simulated task is not superseded, because nobody adds another one. Its parent may end. */
  findEndingTask(id: TaskId): ReturnType<StepStore['findEndingTask']> {
    const { supersededBy } = this.task(id).row;
    if (supersededBy === null) return Promise.resolve(null);
    return Promise.resolve({ id: supersededBy, title: this.task(supersededBy).row.title, isParent: true });
  }

  intendEffect(lease: TaskLease, effect: NewEffect): ReturnType<StepStore['intendEffect']> {
    const task = this.#tasks.leased(lease);
    return Promise.resolve(task && this.effects.intend(lease.id, { state: stateOf(task), kind: 'process' }, effect));
  }

  findEffect(task: TaskId, key: string): ReturnType<StepStore['findEffect']> {
    return Promise.resolve(this.effects.find(task, key));
  }

  settleEffect({
    taskId,
    key,
    state,
    answer,
  }: Parameters<StepStore['settleEffect']>[0]): ReturnType<StepStore['settleEffect']> {
    const outcome = this.effects.settle(taskId, key, state, answer);
    // An answer is progress: nodes that were lost before it say nothing against the task.
    if (outcome === 'settled' && state !== 'unknown') this.task(taskId).row.takeovers = 0;
    return Promise.resolve(outcome);
  }

  intendRequest(lease: TaskLease, request: NewRequest): ReturnType<StepStore['intendRequest']> {
    const task = this.#tasks.leased(lease);
    if (!task) return Promise.resolve(null);
    return Promise.resolve(this.#intendRequest(task, request));
  }

  #intendRequest(task: StoredTask, request: NewRequest): KnownEffect {
    const known = this.effects.intendRequest(task.row.id, stateOf(task), request, this.#deps.now());
    if (!known.existed) this.#deps.onRequest?.(this.effects.stored(request.effect.key));
    return known;
  }

  findRequest(task: TaskId, key: string): ReturnType<StepStore['findRequest']> {
    return Promise.resolve(this.effects.findRequest(task, key));
  }

  recallLaunch(lease: TaskLease, key: string): Promise<LaunchIntent | null> {
    return Promise.resolve(this.#launches.recall(lease, key));
  }

  intendLaunch(lease: TaskLease, launch: { effect: NewEffect; attempt: NewAttempt }): Promise<LaunchIntent> {
    return Promise.resolve(this.#launches.intend(lease, launch));
  }

  markLaunched(attempt: number, arn: string): Promise<'marked' | 'void'> {
    return Promise.resolve(this.attempts.markLaunched(attempt, arn, this.#deps.now()));
  }

  markVoid(attempt: number, cause: string): Promise<'marked' | 'launched'> {
    return Promise.resolve(this.attempts.markVoid(attempt, cause, this.#deps.now()));
  }

  markStopped(attempt: number, cause: string): Promise<void> {
    return Promise.resolve(this.attempts.markStopped(attempt, cause, this.#deps.now()));
  }

  markExplained(...[attempt, end]: Parameters<StepStore['markExplained']>): Promise<void> {
    return Promise.resolve(this.attempts.markExplained(attempt, end));
  }

  markReleased(attempt: number): Promise<void> {
    return Promise.resolve(this.attempts.markReleased(attempt, this.#deps.now()));
  }

  /** Heartbeats are not kept by value. */
  readMemoryPeak(): Promise<number | null> {
    return Promise.resolve(null);
  }

  markVerified(...[attempt, address, limits]: Parameters<StepStore['markVerified']>): Promise<void> {
    return Promise.resolve(this.attempts.markVerified(attempt, address, this.#deps.now(), limits));
  }

  markWitnessed(...[attempt, seen]: Parameters<StepStore['markWitnessed']>): Promise<void> {
    return Promise.resolve(this.attempts.markWitnessed(attempt, seen, this.#deps.now()));
  }

  pinHostKey(attempt: number, line: string): Promise<string> {
    return Promise.resolve(this.attempts.pinHostKey(attempt, line));
  }

  readOutputEnds(attempt: number, processId: string): ReturnType<StepStore['readOutputEnds']> {
    return Promise.resolve(this.attempts.outputEnds(attempt, processId));
  }

  appendCollected(piece: Parameters<StepStore['appendCollected']>[0]): Promise<void> {
    this.attempts.appendCollected(piece);
    return Promise.resolve();
  }

  isTrouble(): boolean {
    return false;
  }
}
