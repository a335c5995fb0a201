import type { TaskFilter } from '../../../controlplane/api/tasks/task-service.ts';
import { TaskSummary, type TaskSummaryFacts, type TaskViewFacts } from '../../../controlplane/api/tasks/task-views.ts';

/** Returns what a list shows of the tasks that the filter lets through, the newest first. */
export function searchTasks(tasks: Iterable<TaskViewFacts>, filter: TaskFilter): readonly TaskSummaryFacts[] {
  return (
    [...tasks]
      .filter((facts) => !filter.statuses || filter.statuses.includes(facts.status))
      .filter((facts) => filter.group === undefined || facts.group === filter.group)
      .filter((facts) => filter.priority === undefined || facts.priority === filter.priority)
      .filter((facts) => filter.cause === undefined || facts.cause === filter.cause)
      .filter((facts) => filter.uuid === undefined || facts.uuid === filter.uuid)
      .filter((facts) => filter.clientJobId === undefined || facts.clientJobId === filter.clientJobId)
      .filter((facts) => filter.isPaused === undefined || facts.isPaused === filter.isPaused)
      .filter(({ createdBy, group }) => {
        const { visible } = filter;
        return !visible || createdBy === visible.createdBy || visible.groups.includes(group);
      })
      .filter(({ id }) => !filter.ids || filter.ids.some((one) => one === id))
      .filter((facts) => !filter.exits || filter.exits.includes(facts.exitStatus))
      .filter((facts) => filter.createdBy === undefined || facts.createdBy === filter.createdBy)
      .filter(({ source }) => filter.repository === undefined || source?.repository === filter.repository)
      .filter(({ source }) => filter.branch === undefined || source?.branch === filter.branch)
      .filter(({ source }) => filter.commit === undefined || source?.commit?.startsWith(filter.commit))
      .filter(({ createdAt }) => !filter.since || Date.parse(createdAt) >= filter.since.getTime())
      .filter(({ createdAt }) => !filter.until || Date.parse(createdAt) < filter.until.getTime())
      .filter(({ title }) => filter.text === undefined || title.toLowerCase().includes(filter.text.toLowerCase()))
      // A task added over HTTP has no parent.
      .filter(() => filter.parentId === undefined)
      .filter((facts) => filter.beforeId === undefined || facts.id < filter.beforeId)
      .sort((a, b) => b.id - a.id)
      .slice(0, filter.limit)
      .map(summaryOnly)
  );
}

/** A list has less of each task than its own view. */
function summaryOnly(facts: TaskViewFacts): TaskSummaryFacts {
  const { why: _made, ...fields } = TaskSummary.shape;
  const names = new Set(Object.keys(fields));
  return Object.fromEntries(Object.entries(facts).filter(([name]) => names.has(name))) as unknown as TaskSummaryFacts;
}
