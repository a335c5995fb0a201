import { signal } from '@preact/signals';
import type { TaskPage, TaskSummary } from '../../api/tasks/task-views.ts';
import { requestJson, RequestRefused } from '../server/request.ts';
import { lostFrom, mergeTasks, NO_TASKS, type KnownTasks } from './merge-tasks.ts';
import { matches, serverQuery, type ListFilter } from './task-filter.ts';

const PAGE = 200; // the most that the API gives at once
const FIRST_PAGE = 100;
/** Beyond 2,000 tasks that go on or wait, the newest are shown, and the list says so. */
const LIVE_PAGES = 10;
/** So many tasks that ended between two readings are asked for one by one; after more, the list is read anew. */
const MOST_LOST = 20;
/** Pages that are searched at once for tasks which only the browser can tell apart. */
const PAGES_AT_ONCE = 10;

/** The tasks of one filter, kept true by reading them again and again. */
export class TaskList {
  readonly tasks = signal<KnownTasks>(NO_TASKS);
  /** Where the next page of ended tasks begins; null: there is none; undefined: none was read yet. */
  readonly nextCursor = signal<string | null | undefined>(undefined);
  readonly isLoadingMore = signal(false);
  readonly problem = signal<string | null>(null);
  readonly isTruncated = signal(false);
  readonly #filter: ListFilter;

  constructor(filter: ListFilter) {
    this.#filter = filter;
  }

  async refresh(newTasks: 'show' | 'hold'): Promise<void> {
    try {
      const [live, ended] = await Promise.all([this.#readLive(), this.#readNewestEnded()]);
      const lost = lostFrom(this.tasks.value, { live, ended });
      const found = lost.length > MOST_LOST ? [] : await this.#readEach(lost);
      this.tasks.value = mergeTasks(this.tasks.value, { live, ended: [...ended, ...found], newTasks });
      this.problem.value = null;
    } catch (error) {
      if (error instanceof RequestRefused) this.problem.value = error.message;
      throw error;
    }
  }

  showHeld(): void {
    const { live, ended, held } = this.tasks.value;
    this.tasks.value = { live: [...live, ...held], ended, held: [] };
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
    const query = serverQuery(this.#filter, 'live');
    const tasks: TaskSummary[] = [];
    if (!query) return tasks;
    query.set('limit', String(PAGE));
    for (let page = 0; page < LIVE_PAGES; page += 1) {
      const answer = await requestJson<TaskPage>('GET', `/v1/tasks?${query}`);
      tasks.push(...answer.tasks);
      this.isTruncated.value = answer.nextCursor !== null;
      if (answer.nextCursor === null) break;
      query.set('cursor', answer.nextCursor);
    }
    return tasks.filter((task) => matches(this.#filter, task));
  }

  async #readNewestEnded(): Promise<TaskSummary[]> {
    if (!serverQuery(this.#filter, 'ended')) {
      this.nextCursor.value = null;
      return [];
    }
    const isFirst = this.nextCursor.value === undefined;
    const tasks = await this.#readEnded(FIRST_PAGE, null);
    if (isFirst && tasks.length === 0) await this.more();
    return tasks;
  }

  async #readEnded(limit: number, cursor: string | null): Promise<TaskSummary[]> {
    const query = serverQuery(this.#filter, 'ended') ?? new URLSearchParams();
    query.set('limit', String(limit));
    if (cursor !== null) query.set('cursor', cursor);
    const answer = await requestJson<TaskPage>('GET', `/v1/tasks?${query}`);
    // The newest page is read again and again; only the first time does it say where the next begins.
    if (cursor !== null || this.nextCursor.value === undefined) this.nextCursor.value = answer.nextCursor;
    return answer.tasks.filter((task) => matches(this.#filter, task));
  }

  async #readEach(ids: readonly number[]): Promise<TaskSummary[]> {
    const tasks = await Promise.all(
      ids.map(async (id) => {
        try {
          return await requestJson<TaskSummary>('GET', `/v1/tasks/${id}`);
        } catch (error) {
          if (error instanceof RequestRefused) return null; // removed after its retention
          throw error;
        }
      }),
    );
    return tasks.filter(
      (task) => task !== null && task.status === 'COMPLETE' && matches(this.#filter, task),
    ) as TaskSummary[];
  }
}
