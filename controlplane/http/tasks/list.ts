import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TaskId } from '../../../shared/model/ids.ts';
import { principalOf } from '../access.ts';
import { parseRequest } from '../parse-request.ts';
import { TaskStatusName, type TaskPage, type TaskView } from '../views.ts';
import { findOwnTask, seesEveryTask, summaryOf, viewOf, type TaskReadWorld } from './read.ts';

const Statuses = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(TaskStatusName).min(1));

/** `status=WAITING,PROCESSING&group=BuildSteps&cursor=…&limit=50`. A page is a screen or two: 50, at most 200. */
const ListQuery = z.strictObject({
  status: Statuses.optional(),
  group: z.string().min(1).optional(),
  cursor: TaskId.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export function listRoutes(app: FastifyInstance, world: TaskReadWorld): void {
  app.get('/v1/tasks', async (request): Promise<TaskPage> => {
    const { status, group, cursor, limit } = parseRequest(ListQuery, request.query, 'query');
    const principal = principalOf(request);
    const found = await world.listTasks({
      ...(status && { statuses: status }),
      ...(group !== undefined && { group }),
      ...(cursor !== undefined && { beforeId: cursor }),
      ...(!seesEveryTask(principal) && { createdBy: principal.name }),
      limit: limit + 1, // one more than is shown tells whether there is another page
    });
    const tasks = found.slice(0, limit).map(summaryOf);
    const last = tasks.at(-1);
    return { tasks, nextCursor: found.length > limit && last ? String(last.id) : null };
  });
  app.get('/v1/tasks/:id', async (request): Promise<TaskView> => viewOf(await findOwnTask(world, request)));
}
