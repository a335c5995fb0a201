import type { TaskSummary } from '../../api/tasks/task-views.ts';
import { api, bodyOf } from '../server/request.ts';

const PAGE = 200; // the most that the API gives at once
/** Pages of 200. When more than 1,000 tasks wait, the newest are read; the figures of the groups count all. */
const PAGES = 5;

const QUEUED = 'NOT_READY,NOT_STARTED,RESTARTED';

interface WaitingTasks {
  readonly tasks: readonly TaskSummary[];
  /** Whether these are all. */
  readonly isWhole: boolean;
}

/** The tasks that wait to start, of all groups or of one. */
export async function readQueue(group?: string): Promise<WaitingTasks> {
  const ofGroup = group === undefined ? {} : { group };
  const query: { status: string; limit: number; group?: string; cursor?: number } = {
    status: QUEUED,
    limit: PAGE,
    ...ofGroup,
  };
  const tasks: TaskSummary[] = [];
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await bodyOf(api.GET('/v1/tasks', { params: { query } }));
    tasks.push(...answer.tasks);
    if (answer.nextCursor === null) return { tasks, isWhole: true };
    query.cursor = Number(answer.nextCursor);
  }
  return { tasks, isWhole: false };
}
