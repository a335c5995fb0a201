import type { TaskPage, TaskSummary } from '../../api/tasks/task-views.ts';
import { requestJson } from '../server/request.ts';

const PAGE = 200; // the most that the API gives at once
/** Beyond 1,000 waiting tasks the newest are shown; the figures of the groups count all. */
const PAGES = 5;

/** The tasks that wait to start. */
export async function readQueue(): Promise<TaskSummary[]> {
  const query = new URLSearchParams({ status: 'NOT_READY,NOT_STARTED,RESTARTED', limit: String(PAGE) });
  const tasks: TaskSummary[] = [];
  for (let page = 0; page < PAGES; page += 1) {
    const answer = await requestJson<TaskPage>('GET', `/v1/tasks?${query}`);
    tasks.push(...answer.tasks);
    if (answer.nextCursor === null) break;
    query.set('cursor', answer.nextCursor);
  }
  return tasks;
}
