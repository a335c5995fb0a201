import { OperationalError } from '../../../shared/model/error.ts';
import { TaskId } from '../../../shared/model/ids.ts';
import type { SearchEnd } from '../../../controlplane/store/tasks/read-tasks.ts';
import type {
  SubmissionOutcome,
  SubmittedTask,
  TaskFilter,
  TaskService,
} from '../../../controlplane/api/tasks/task-service.ts';
import { createTaskWatchers, type TaskWatchers } from '../../../controlplane/api/tasks/streams/task-watchers.ts';
import type { TaskRank, TaskSummaryFacts, TaskViewFacts } from '../../../controlplane/api/tasks/task-views.ts';
import { SHIPPED_KINDS } from '../../../controlplane/tasks/kinds.ts';
import { MemoryOperation } from './memory-operation.ts';
import { newTask, type MemoryTask } from './memory-task.ts';
import { searchTasks } from './memory-task-search.ts';

/** Recordings that a change adds. */
interface Records {
  readonly step?: string;
  readonly log?: string;
  readonly output?: string;
  /** Bytes that are missing before the output. */
  readonly omitted?: number;
}

/** Tasks and who watches them, in memory. Tests use its public fields directly. */
export class MemoryTasks extends MemoryOperation {
  readonly tasks = new Map<number, MemoryTask>();
  /** Called after a task was added, so that a test can make it run. */
  onAdded: (task: MemoryTask) => void = () => undefined;
  readonly #watchers = createTaskWatchers(this.clock);

  readonly countTasks = async (): Promise<Partial<Record<TaskViewFacts['status'], number>>> => {
    const counts: Partial<Record<TaskViewFacts['status'], number>> = {};
    for (const { facts } of this.tasks.values()) counts[facts.status] = (counts[facts.status] ?? 0) + 1;
    return counts;
  };

  readonly addTask = async (submitted: SubmittedTask): Promise<SubmissionOutcome> => {
    if (!SHIPPED_KINDS.some(({ kind }) => kind === submitted.kind)) {
      throw new OperationalError('TASK_KIND_UNKNOWN', {
        happened: `There is no kind of task named "${submitted.kind}"`,
        remedy: `Use one of ${SHIPPED_KINDS.map(({ kind }) => kind).join(', ')}`,
      });
    }
    const same = [...this.tasks.values()].find(
      ({ facts }) => facts.clientJobId === submitted.clientJobId && facts.createdBy === submitted.createdBy,
    );
    if (submitted.clientJobId !== undefined && same)
      return { id: TaskId.parse(same.facts.id), created: false, superseded: [] };
    const task = newTask(this.tasks.size + 1, submitted, this.clock.now().toISOString());
    this.tasks.set(task.facts.id, task);
    this.onAdded(task);
    return { id: TaskId.parse(task.facts.id), created: true, superseded: [] };
  };

  /** Where the next search stops; null: nothing is left behind it. */
  searchEnd: SearchEnd | null = null;
  readonly findSearchEnd: TaskService['findSearchEnd'] = async () => this.searchEnd;
  readonly listTasks = async (filter: TaskFilter): Promise<readonly TaskSummaryFacts[]> =>
    searchTasks(
      [...this.tasks.values()].map(({ facts }) => facts),
      filter,
    );

  readonly readVersions = async (endedSince: Date) => {
    const recent = [...this.tasks.values()].filter(
      ({ facts }) => facts.completedAt === null || Date.parse(facts.completedAt) >= endedSince.getTime(),
    );
    const versions = recent.map(({ facts, writes }): [TaskId, string] => [TaskId.parse(facts.id), String(writes)]);
    return { at: this.clock.now(), versions: new Map(versions) };
  };

  findTask = async (id: TaskId): Promise<TaskViewFacts | null> => this.tasks.get(id)?.facts ?? null;

  readonly watch: TaskWatchers['watch'] = (id, abort) => this.#watchers.watch(id, abort);
  readonly notify: TaskWatchers['notify'] = (id, change) => this.#watchers.notify(id, change);

  isWatched(id: number): boolean {
    return this.#watchers.isWatched(id);
  }

  /** Changes the task and notifies its watchers. */
  change(id: number, facts: Partial<TaskViewFacts>, records: Records = {}): void {
    const task = this.taskOf(id);
    const at = this.clock.now().toISOString();
    if (records.step !== undefined) {
      const number = task.steps.length + 1;
      const from = task.facts.status === 'RESTARTED' ? null : (task.steps.at(-1)?.to ?? null);
      task.steps.push({
        number,
        from,
        value: from && 'success',
        to: records.step,
        executed: true,
        at,
        tookMs: 1,
        note: null,
      });
      facts = { state: records.step, ...facts };
    }
    if (records.log !== undefined) {
      task.logs.push({ id: task.logs.length + 1, at, level: 'INFO', message: records.log, userReadable: true });
    }
    if (records.output !== undefined) {
      const last = task.pieces.at(-1);
      const omittedBefore = records.omitted ?? 0;
      const offset = (last ? last.offset + last.data.length : 0) + omittedBefore;
      const piece = { at, attempt: 1, processId: 'build', stream: 'stdout' as const, offset, omittedBefore };
      task.pieces.push({ ...piece, id: task.pieces.length + 1, data: Buffer.from(records.output) });
    }
    task.facts = { ...task.facts, ...facts };
    task.writes += 1;
    const isOnlyOutput = records.output !== undefined && records.log === undefined && Object.keys(facts).length === 0;
    this.#watchers.notify(id, isOnlyOutput ? 'output' : 'any');
  }

  readonly terminateTask = async (id: TaskId): Promise<void> => {
    if (this.taskOf(id).facts.status !== 'COMPLETE') this.change(id, { isTerminating: true });
  };

  readonly pauseTask = async (id: TaskId): Promise<'paused' | 'finished'> => {
    if (this.taskOf(id).facts.status === 'COMPLETE') return 'finished';
    this.change(id, { isPaused: true });
    return 'paused';
  };

  readonly resumeTask = async (id: TaskId): Promise<'resumed' | 'finished'> => {
    if (this.taskOf(id).facts.status === 'COMPLETE') return 'finished';
    this.change(id, { isPaused: false });
    return 'resumed';
  };

  readonly prioritiseTask = async (id: TaskId, rank: TaskRank): Promise<'prioritised' | 'finished'> => {
    if (this.taskOf(id).facts.status === 'COMPLETE') return 'finished';
    this.change(id, rank === 'FIRST' ? { isPrioritised: true } : { isPrioritised: false, priority: rank });
    return 'prioritised';
  };

  readonly restartTask = async (id: TaskId): Promise<'restarted' | 'not-finished'> => {
    if (this.taskOf(id).facts.status !== 'COMPLETE') return 'not-finished';
    this.change(id, { status: 'RESTARTED', exitStatus: 'NOT_FINISHED', exitMessage: null, completedAt: null });
    return 'restarted';
  };

  /** Returns a task that must be there. */
  taskOf(id: number): MemoryTask {
    const task = this.tasks.get(id);
    if (!task) throw new Error(`the memory has no task ${id}`);
    return task;
  }
}
