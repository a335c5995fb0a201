import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contract } from '../http/contract.ts';
import { z } from 'zod';
import { ClientJobId, Name } from '../../../shared/model/identifier.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { Priority } from '../../../shared/model/status.ts';
import { principalOf } from '../http/access.ts';
import { parseJsonBody, RequestInvalidError } from '../http/parse-request.ts';
import { PriorityName, TaskRank, TaskView } from './task-views.ts';
import { findOwnTask, findVisibleTask, PathWithId, readTaskView, viewOf } from './own-task.ts';
import type { TaskService } from './task-service.ts';

const SubmitSchema = z.strictObject({
  kind: Name,
  options: z.record(z.string(), z.unknown()),
  title: z.string().min(1).max(256).optional(),
  group: Name.optional(),
  priority: PriorityName.optional(),
  clientJobId: ClientJobId.optional(),
});
/** The body of POST /v1/tasks, as programs write it. */
export interface SubmitBody {
  readonly kind: string;
  readonly options: Record<string, unknown>;
  readonly title?: string;
  readonly group?: string;
  readonly priority?: Priority;
  readonly clientJobId?: string;
}

/** The same as `clientJobId` in the body. */
const SubmitHeaders = z.object({ 'idempotency-key': z.string().optional() });
const PriorityBody = z.strictObject({ priority: TaskRank });

export function taskRoutes(app: FastifyInstance, tasks: TaskService): void {
  app.get(
    '/v1/tasks/:id',
    contract({ summary: 'Everything about one task', params: PathWithId, answers: { 200: TaskView } }),
    async (request): Promise<TaskView> => viewOf(await findVisibleTask(tasks, request)),
  );
  submitRoute(app, tasks);
  controlRoutes(app, tasks);
}

function submitRoute(app: FastifyInstance, tasks: TaskService): void {
  app.post(
    '/v1/tasks',
    contract({
      summary: 'Adds a task',
      headers: SubmitHeaders,
      body: SubmitSchema,
      answers: { 201: TaskView, 200: TaskView },
    }),
    async (request, reply) => {
      const { kind, options, ...rest } = parseJsonBody(SubmitSchema, request.body);
      const clientJobId = sameJobId(rest.clientJobId, request);
      const { id, created } = await tasks.addTask({
        kind,
        options,
        ...(rest.title !== undefined && { title: rest.title }),
        ...(rest.group !== undefined && { group: rest.group }),
        ...(rest.priority !== undefined && { priority: rest.priority }),
        ...(clientJobId !== undefined && { clientJobId }),
        createdBy: principalOf(request).name,
      });
      const view = await readTaskView(tasks, id);
      return reply
        .code(created ? 201 : 200)
        .header('location', `/v1/tasks/${id}`)
        .send(view);
    },
  );
}

/** HTTP clients send the id in the header, others in the field; both mean the same. */
function sameJobId(field: string | undefined, request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return field;
  // Bytes beyond ASCII have no agreed meaning in a header: one id could arrive as two, and two as one.
  if (typeof header !== 'string' || !/^[\x20-\x7e]{1,256}$/.test(header)) {
    const message = 'it must have 1 to 256 characters of ASCII; others go into clientJobId';
    throw new RequestInvalidError('header', [{ path: 'idempotency-key', message }]);
  }
  if (field !== undefined && field !== header) {
    throw new RequestInvalidError('header', [
      { path: 'idempotency-key', message: 'it differs from clientJobId in the body' },
    ]);
  }
  return header;
}

/** The routes only store the request. The task takes it at its next step, so the answer is 202 and not 200. */
function controlRoutes(app: FastifyInstance, tasks: TaskService): void {
  const control = (
    method: 'PUT' | 'DELETE',
    path: string,
    summary: string,
    act: (id: TaskId, by: string, body: unknown) => Promise<void>,
  ): void => {
    app.route({
      method,
      url: `/v1/tasks/:id/${path}`,
      ...contract({
        summary,
        params: PathWithId,
        ...(path === 'priority' && { body: PriorityBody }),
        answers: { 202: TaskView },
      }),
      handler: async (request, reply) => {
        const { id } = await findOwnTask(tasks, request);
        await act(id, principalOf(request).name, request.body);
        return reply.code(202).send(await readTaskView(tasks, id));
      },
    });
  };
  control('PUT', 'terminate', 'Asks a task to end', (id, by) => tasks.terminateTask(id, by));
  control('DELETE', 'pause', 'Ends the pause of a task', (id, by) => tasks.resumeTask(id, by));
  control('PUT', 'pause', 'Pauses a task', async (id, by) => {
    if ((await tasks.pauseTask(id, by)) === 'paused') return;
    throw new OperationalError('TASK_FINISHED', {
      happened: `Task ${id} is finished, so there is nothing to pause`,
      remedy: `Run it again with "wipctl restart ${id}"`,
    });
  });
  control('PUT', 'priority', 'Changes the place of a task in its queue', async (id, by, body) => {
    const { priority } = parseJsonBody(PriorityBody, body);
    if ((await tasks.prioritiseTask(id, priority, by)) === 'prioritised') return;
    throw new OperationalError('TASK_FINISHED', {
      happened: `Task ${id} is finished, so its priority means nothing`,
      remedy: `Run it again with "wipctl restart ${id}"`,
    });
  });
  control('PUT', 'restart', 'Runs a finished task again', async (id, by) => {
    if ((await tasks.restartTask(id, by)) === 'restarted') return;
    throw new OperationalError('TASK_NOT_FINISHED', {
      happened: `Task ${id} has not finished, so it was not restarted`,
      remedy: `Wait for its end or end it with "wipctl terminate ${id}", then restart it`,
    });
  });
}
