import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contract } from '../http/contract.ts';
import { z } from 'zod';
import { Fault } from '../../../shared/model/fault.ts';
import { ClientJobId, Name } from '../../../shared/model/identifier.ts';
import { TaskId, TaskUuid } from '../../../shared/model/ids.ts';
import { principalOf } from '../http/access.ts';
import { parseRequest } from '../http/parse-request.ts';
import { ExitStatusName, PriorityName, TaskStatusName, TaskPage } from './task-views.ts';
import { summaryOf, visibleTo } from './own-task.ts';
import type { TaskFilter, TaskService } from './task-service.ts';

/** Names separated by commas. */
function listOf<T extends z.ZodType<unknown, string>>(name: T) {
  return z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(name).min(1));
}

const At = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const Text = z.string().trim().min(1).max(256);

/** A page has 50 tasks, a screen or two, and at most 200. */
const Page = { cursor: TaskId.optional(), limit: z.coerce.number().int().min(1).max(200).default(50) };
const PageQuery = z.strictObject(Page);
/** Which tasks: `status=WAITING,PROCESSING&group=BuildSteps&repository=…`; of the list and of the stream of the list. */
const FILTERS = {
  status: listOf(TaskStatusName).optional(),
  exit: listOf(ExitStatusName).optional(),
  group: Name.optional(),
  cause: Name.optional(),
  fault: Fault.optional(),
  priority: PriorityName.optional(),
  parent: TaskId.optional(),
  uuid: TaskUuid.optional(),
  client_job_id: ClientJobId.optional(),
  submitter: Text.optional(),
  repository: z.string().trim().min(1).max(4_096).optional(),
  branch: Text.optional(),
  commit: z
    .string()
    .regex(/^[0-9a-f]{4,64}$/, 'must be 4 to 64 digits of a commit')
    .optional(),
  since: At.optional(),
  until: At.optional(),
  q: Text.optional(),
  paused: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
};
export const ListFilters = z.strictObject(FILTERS);
const ListQuery = z.strictObject({ ...Page, ...FILTERS });
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
