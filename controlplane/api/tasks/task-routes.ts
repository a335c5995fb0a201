import type { FastifyInstance, FastifyRequest } from 'fastify';
import { contract, jsonWith } from '../http/contract.ts';
import { z } from 'zod';
import { OperationalError } from '../../../shared/model/error.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { principalOf } from '../http/access.ts';
import { parseJsonBody, RequestInvalidError } from '../http/parse-request.ts';
import { SubmitSchema } from './submit/submit-body.ts';
import { TaskRank, TaskView } from './task-views.ts';
import { findOwnTask, findVisibleTask, PathWithId, readTaskView, viewOf } from './own-task.ts';
import type { TaskService } from './task-service.ts';

/** The same as `clientJobId` in the body. */
const SubmitHeaders = z.object({
  'idempotency-key': z
    .string()
    .optional()
    .describe(
      'The same as `clientJobId`: the same order under the same key adds one task. 1 to 256 characters of ASCII.',
    ),
});
const LOCATION = { location: 'Path of the task' };
const PriorityBody = z.strictObject({
  priority: TaskRank.describe('FIRST: before all others, whatever their priority.'),
});

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
      answers: { 201: jsonWith(TaskView, LOCATION), 200: jsonWith(TaskView, LOCATION) },
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
        role: principalOf(request).role,
      });
      const view = await readTaskView(tasks, id);
      return reply
        .code(created ? 201 : 200)
        .header('location', `/v1/tasks/${id}`)
        .send(view);
    },
  );
}

/** Returns the job id from the field of the body or from the header, which HTTP clients use. Both mean the same. */
function sameJobId(field: string | undefined, request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return field;
  // Characters beyond ASCII have no agreed encoding in a header: one id could arrive as two different ones, and two as the same.
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

/** A change of one task by somebody. */
interface TaskControl {
  readonly url: string;
  readonly method: 'PUT' | 'DELETE';
  readonly summary: string;
  /** Schema of the request's body; absent: it has none. */
  readonly body?: z.ZodType;
  readonly act: (id: TaskId, by: string, request: FastifyRequest) => Promise<void>;
}

/** The routes only store the request. The task takes it at its next step, so the answer is 202 and not 200. */
function controlRoutes(app: FastifyInstance, tasks: TaskService): void {
  for (const { url, method, summary, body, act } of taskControls(tasks)) {
    const answers = { 202: TaskView };
    app.route({
      method,
      url,
      ...contract({ summary, params: PathWithId, ...(body && { body }), answers }),
      handler: async (request, reply) => {
        const { id } = await findOwnTask(tasks, request);
        await act(id, principalOf(request).name, request);
        return reply.code(202).send(await readTaskView(tasks, id));
      },
    });
  }
}

function taskControls(tasks: TaskService): TaskControl[] {
  return [
    {
      url: '/v1/tasks/:id/terminate',
      method: 'PUT',
      summary: 'Asks a task to end',
      act: (id, by) => tasks.terminateTask(id, by),
    },
    {
      url: '/v1/tasks/:id/pause',
      method: 'DELETE',
      summary: 'Ends the pause of a task',
      act: async (id, by) => {
        if ((await tasks.resumeTask(id, by)) === 'finished') throw finished(id, 'there is nothing to resume');
      },
    },
    {
      url: '/v1/tasks/:id/pause',
      method: 'PUT',
      summary: 'Pauses a task',
      act: async (id, by) => {
        if ((await tasks.pauseTask(id, by)) === 'finished') throw finished(id, 'there is nothing to pause');
      },
    },
    {
      url: '/v1/tasks/:id/priority',
      method: 'PUT',
      summary: 'Changes the position of a task in its queue',
      body: PriorityBody,
      act: async (id, by, request) => {
        const { priority } = parseJsonBody(PriorityBody, request.body);
        const outcome = await tasks.prioritiseTask(id, priority, by);
        if (outcome === 'finished') throw finished(id, 'its priority means nothing');
      },
    },
    {
      url: '/v1/tasks/:id/restart',
      method: 'PUT',
      summary: 'Runs a finished task again',
      act: async (id, by) => {
        if ((await tasks.restartTask(id, by)) === 'restarted') return;
        throw new OperationalError('TASK_NOT_FINISHED', {
          happened: `Task ${id} has not finished, so it was not restarted`,
          remedy: `Wait for its end or end it with "wipctl terminate ${id}", then restart it`,
        });
      },
    },
  ];
}

function finished(id: TaskId, so: string): OperationalError {
  return new OperationalError('TASK_FINISHED', {
    happened: `Task ${id} is finished, so ${so}`,
    remedy: `Run it again with "wipctl restart ${id}"`,
  });
}
