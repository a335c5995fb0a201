import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Name } from '../../../shared/model/identifier.ts';
import { wholeNumber } from '../../../shared/model/whole-number.ts';
import { principalOf } from '../http/access.ts';
import { groupUnknown } from '../groups/group-refusals.ts';
import { contract } from '../http/contract.ts';
import { parseRequest } from '../http/parse-request.ts';
import { findVisibleTask, PathWithId, summaryOf, visibleTo } from '../tasks/own-task.ts';
import type { TaskService } from '../tasks/task-service.ts';
import type { QueueService } from './queue-service.ts';
import { GroupQueueView, QueueView } from './queue-views.ts';

export interface QueueRouteServices {
  readonly tasks: Pick<TaskService, 'findTask' | 'listTasks'>;
  readonly queue: QueueService;
}

const Path = z.strictObject({ name: Name.describe('Name of the group.') });
const HeadQuery = z.strictObject({ limit: wholeNumber(1, 200).prefault(20).describe('Tasks of the answer.') });

export function queueRoutes(app: FastifyInstance, { tasks, queue }: QueueRouteServices): void {
  app.get(
    '/v1/tasks/:id/queue',
    contract({
      summary:
        'What has to happen before a task starts or goes on, its position in the queue and when it is expected to start',
      params: PathWithId,
      answers: { 200: QueueView },
    }),
    async (request): Promise<QueueView> => {
      const { id } = await findVisibleTask(tasks, request);
      const view = await queue.readQueue(id);
      if (!view) throw new Error(`task ${id} disappeared while it was being answered`);
      return view;
    },
  );
  app.get(
    '/v1/groups/:name/queue',
    contract({
      summary: 'The first tasks in the queue of a group, and when each is expected to start',
      params: Path,
      query: HeadQuery,
      answers: { 200: GroupQueueView },
    }),
    async (request): Promise<GroupQueueView> => {
      const { name: group } = parseRequest(Path, request.params, 'path');
      const { limit } = parseRequest(HeadQuery, request.query, 'query');
      const read = await queue.readGroupQueue(group, limit);
      if (!read) throw groupUnknown(group);
      const { of, usualSeconds, first } = read;
      const visible = visibleTo(principalOf(request));
      const ids = first.map(({ id }) => id);
      const found = await tasks.listTasks({ group, ids, limit, ...(visible && { visible }) });
      const summaries = new Map(found.map((task) => [task.id, summaryOf(task)]));
      const queued = first.flatMap(({ id, ...rest }) => {
        const task = summaries.get(id);
        return task ? [{ task, ...rest }] : [];
      });
      return { group, of, usualSeconds, queued };
    },
  );
}
