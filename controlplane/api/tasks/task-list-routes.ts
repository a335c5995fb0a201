import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contract } from '../http/contract.ts';
import type { z } from 'zod';
import { principalOf } from '../http/access.ts';
import { parseRequest } from '../http/parse-request.ts';
import { ListFilters, ListQuery, PageQuery } from './task-filters.ts';
import { TaskPage } from './task-views.ts';
import { summaryOf, visibleTo } from './own-task.ts';
import type { TaskFilter, TaskService } from './task-service.ts';

/** The statuses of tasks that have started and not ended. */
const IN_PROCESSING = ['PROCESSING', 'WAITING'] as const;

export function taskListRoutes(app: FastifyInstance, service: TaskService): void {
  app.get(
    '/v1/tasks',
    contract({ summary: 'A page of tasks, the newest first', query: ListQuery, answers: { 200: TaskPage } }),
    async (request): Promise<TaskPage> => {
      const { cursor, limit, ...filters } = parseRequest(ListQuery, request.query, 'query');
      return readPage(service, request, { cursor, limit, ...filterOf(filters) });
    },
  );
  app.get(
    '/v1/tasks/in_processing',
    contract({
      summary: 'A page of the tasks that have started and not ended',
      query: PageQuery,
      answers: { 200: TaskPage },
    }),
    async (request): Promise<TaskPage> => {
      const query = parseRequest(PageQuery, request.query, 'query');
      return readPage(service, request, { ...query, statuses: IN_PROCESSING });
    },
  );
}

/** Returns the filter of a query, with the names of the store. */
export function filterOf(query: z.output<typeof ListFilters>): Omit<TaskFilter, 'limit'> {
  const { status, exit, parent, client_job_id: clientJobId, submitter, q, paused, ...same } = query;
  const filter = {
    ...same,
    ...{
      statuses: status,
      exits: exit,
      parentId: parent,
      clientJobId,
      createdBy: submitter,
      text: q,
      isPaused: paused,
    },
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

async function readPage(
  service: TaskService,
  request: FastifyRequest,
  { cursor, limit, ...filter }: Omit<TaskFilter, 'beforeId'> & z.output<typeof PageQuery>,
): Promise<TaskPage> {
  const visible = visibleTo(principalOf(request));
  const asked = {
    ...filter,
    ...(cursor !== undefined && { beforeId: cursor }),
    ...(visible && { visible }),
    limit: limit + 1, // one more than is shown tells whether there is another page
  };
  const found = await service.listTasks(asked);
  const tasks = found.slice(0, limit).map(summaryOf);
  const last = tasks.at(-1);
  if (found.length > limit && last) return { tasks, nextCursor: String(last.id) };
  const end = await service.findSearchEnd(asked);
  return { tasks, nextCursor: end && String(end.id), ...(end && { searchedUntil: end.createdAt.toISOString() }) };
}
