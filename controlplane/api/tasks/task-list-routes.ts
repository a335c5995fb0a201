import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contract } from '../http/contract.ts';
import { z } from 'zod';
import { ClientJobId, Name } from '../../../shared/model/identifier.ts';
import { TaskId, TaskUuid } from '../../../shared/model/ids.ts';
import { principalOf } from '../http/access.ts';
import { parseRequest } from '../http/parse-request.ts';
import { PriorityName, TaskStatusName, TaskPage } from './task-views.ts';
import { summaryOf, visibleTo } from './own-task.ts';
import type { TaskQuery, TaskService } from './task-service.ts';

const Statuses = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(TaskStatusName).min(1));

/** A page has 50 tasks, a screen or two, and at most 200. */
const Page = { cursor: TaskId.optional(), limit: z.coerce.number().int().min(1).max(200).default(50) };
const PageQuery = z.strictObject(Page);
/** `status=WAITING,PROCESSING&group=BuildSteps&cursor=…&limit=50`. */
const ListQuery = z.strictObject({
  ...Page,
  status: Statuses.optional(),
  group: Name.optional(),
  cause: Name.optional(),
  priority: PriorityName.optional(),
  parent: TaskId.optional(),
  uuid: TaskUuid.optional(),
  client_job_id: ClientJobId.optional(),
  paused: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
});
/** The statuses of tasks that have started and not ended. */
const IN_PROCESSING = ['PROCESSING', 'WAITING'] as const;

export function taskListRoutes(app: FastifyInstance, service: TaskService): void {
  app.get(
    '/v1/tasks',
    contract({ summary: 'A page of tasks, the newest first', query: ListQuery, answers: { 200: TaskPage } }),
    async (request): Promise<TaskPage> => {
      const query = parseRequest(ListQuery, request.query, 'query');
      const { status, group, cause, priority, parent, uuid, client_job_id: clientJobId, paused } = query;
      return readPage(service, request, {
        cursor: query.cursor,
        limit: query.limit,
        ...(status && { statuses: status }),
        ...(group !== undefined && { group }),
        ...(cause !== undefined && { cause }),
        ...(priority !== undefined && { priority }),
        ...(parent !== undefined && { parentId: parent }),
        ...(uuid !== undefined && { uuid }),
        ...(clientJobId !== undefined && { clientJobId }),
        ...(paused !== undefined && { isPaused: paused }),
      });
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

async function readPage(
  service: TaskService,
  request: FastifyRequest,
  { cursor, limit, ...filter }: Omit<TaskQuery, 'beforeId'> & z.output<typeof PageQuery>,
): Promise<TaskPage> {
  const visible = visibleTo(principalOf(request));
  const found = await service.listTasks({
    ...filter,
    ...(cursor !== undefined && { beforeId: cursor }),
    ...(visible && { visible }),
    limit: limit + 1, // one more than is shown tells whether there is another page
  });
  const tasks = found.slice(0, limit).map(summaryOf);
  const last = tasks.at(-1);
  return { tasks, nextCursor: found.length > limit && last ? String(last.id) : null };
}
