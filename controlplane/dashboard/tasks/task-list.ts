import { signal } from '@preact/signals';
import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { api, bodyOf, RequestRefused } from '../server/request.ts';
import { changeTasks, lostFrom, mergeTasks, NO_TASKS, showHeldTasks, type KnownTasks } from './merge-tasks.ts';
import { matches, serverQuery, type ListFilter, type TaskQuery } from './task-filter.ts';

const PAGE = 200; // the most that the API gives at once
const FIRST_PAGE = 100;
/** Beyond 2,000 tasks that go on or wait, the newest are shown, and the list says so. */
const LIVE_PAGES = 10;
/**
 * Up to this many tasks that ended between two readings are asked for one by one; after more, the list is read anew.
 */
const MOST_LOST = 20;
/** Pages that are searched at once for tasks which only the browser can tell apart. */
const PAGES_AT_ONCE = 10;

/** A task that is new or changed, or one that the filter of the server has no more. */
export type RowChange = TaskSummary | { readonly left: number };

/** The tasks of one filter, kept true by the changes of a stream, and by reading them again. */
export class TaskList {
  readonly tasks = signal<KnownTasks>(NO_TASKS);
  /** Where the next page of ended tasks begins; null: there is none; undefined: none was read yet. */
  readonly nextCursor = signal<string | null | undefined>(undefined);
  readonly isLoadingMore = signal(false);
  readonly problem = signal<string | null>(null);
  readonly isTruncated = signal(false);
  readonly filter: ListFilter;
  /** `hold` while somebody reads further down: new tasks must not push the rows away. */
  readonly #newTasks: () => 'show' | 'hold';
  /** Changes that came while the list was read: the reading may be older than they are. */
  readonly #changes: RowChange[] = [];
  #readings = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(filter: ListFilter, newTasks: () => 'show' | 'hold') {
    this.filter = filter;
    this.#newTasks = newTasks;
  }

  /** Resolves when no reading is under way that has begun before. */
  async settled(): Promise<void> {
    await this.#reading;
  }

  async refresh(): Promise<void> {
    const reading = this.#refresh();
    this.#reading = reading.catch(() => undefined); // whoever asked for it is told
    await reading;
  }

  async #refresh(): Promise<void> {
    this.#readings += 1;
    try {
      const [live, ended] = await Promise.all([this.#readLive(), this.#readNewestEnded()]);
      const lost = lostFrom(this.tasks.value, { live, ended });
      const found = lost.length > MOST_LOST ? [] : await this.#readEach(lost);
      const reading = { live, ended: [...ended, ...found], newTasks: this.#newTasks() };
      this.tasks.value = mergeTasks(this.tasks.value, reading);
      this.problem.value = null;
    } catch (error) {
      if (error instanceof RequestRefused) this.problem.value = error.message;
      throw error;
    } finally {
      this.#readings -= 1;
      this.#takeChanges();
    }
  }

  change(changes: readonly RowChange[]): void {
    this.#changes.push(...changes);
    this.#takeChanges();
  }

  #takeChanges(): void {
    if (this.#readings > 0 || this.#changes.length === 0) return;
    const latest = new Map(this.#changes.splice(0).map((one) => ['left' in one ? one.left : one.id, one]));
    const tasks: TaskSummary[] = [];
    const left: number[] = [];
    for (const [id, one] of latest) {
      if ('left' in one || !matches(this.filter, one)) left.push(id);
      else tasks.push(one);
    }
    this.tasks.value = changeTasks(this.tasks.value, { tasks, left, newTasks: this.#newTasks() });
  }

  showHeld(): void {
    this.tasks.value = showHeldTasks(this.tasks.value);
  }

  /** Reads on in the ended tasks, until some match. */
  async more(): Promise<void> {
    if (this.isLoadingMore.value || !this.nextCursor.value) return;
    this.isLoadingMore.value = true;
    try {
      for (let page = 0, found = 0; page < PAGES_AT_ONCE && found === 0 && this.nextCursor.value; page += 1) {
        const tasks = await this.#readEnded(PAGE, this.nextCursor.value);
        this.tasks.value = mergeTasks(this.tasks.value, {
          live: this.tasks.value.live,
          ended: tasks,
          newTasks: 'show',
        });
        found = tasks.length;
      }
    } finally {
      this.isLoadingMore.value = false;
    }
  }

  async #readLive(): Promise<TaskSummary[]> {
    const filter = serverQuery(this.filter, 'live');
    const tasks: TaskSummary[] = [];
    if (!filter) return tasks;
    const query: TaskQuery = { ...filter, limit: PAGE };
    for (let page = 0; page < LIVE_PAGES; page += 1) {
      const answer = await bodyOf(api.GET('/v1/tasks', { params: { query } }));
      tasks.push(...answer.tasks);
      this.isTruncated.value = answer.nextCursor !== null;
      if (answer.nextCursor === null) break;
      query.cursor = Number(answer.nextCursor);
    }
    return tasks.filter((task) => matches(this.filter, task));
  }

  async #readNewestEnded(): Promise<TaskSummary[]> {
    if (!serverQuery(this.filter, 'ended')) {
      this.nextCursor.value = null;
      return [];
    }
    const isFirst = this.nextCursor.value === undefined;
    const tasks = await this.#readEnded(FIRST_PAGE, null);
    if (isFirst && tasks.length === 0) await this.more();
    return tasks;
  }

  async #readEnded(limit: number, cursor: string | null): Promise<TaskSummary[]> {
    const filter = serverQuery(this.filter, 'ended') ?? {};
    const query: TaskQuery = { ...filter, limit, ...(cursor !== null && { cursor: Number(cursor) }) };
    const answer = await bodyOf(api.GET('/v1/tasks', { params: { query } }));
    // The newest page is read again and again; only the first time does it say where the next begins.
    if (cursor !== null || this.nextCursor.value === undefined) this.nextCursor.value = answer.nextCursor;
    return answer.tasks.filter((task) => matches(this.filter, task));
  }

  async #readEach(ids: readonly number[]): Promise<TaskSummary[]> {
    const tasks = await Promise.all(
      ids.map(async (id) => {
        try {
          return await bodyOf(api.GET('/v1/tasks/{id}', { params: { path: { id } } }));
        } catch (error) {
          if (error instanceof RequestRefused) return null; // removed after its retention
          throw error;
        }
      }),
    );
    return tasks.filter(
      (task) => task !== null && task.status === 'COMPLETE' && matches(this.filter, task),
    ) as TaskSummary[];
  }
}
