import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ClientJobId, Name } from '../../../shared/model/identifier.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import type { Priority } from '../../../shared/model/status.ts';
import { principalOf } from '../http/access.ts';
import { parseJsonBody, RequestInvalidError } from '../http/parse-request.ts';
import { PriorityName } from './task-views.ts';
import { readTaskView, type TaskReadWorld } from './own-task.ts';

export interface SubmittedTask {
  readonly kind: string;
  /** Not yet checked: only the task's class knows its options. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly title?: string;
  readonly group?: string;
  readonly priority?: Priority;
  /** Same id from the same submitter: the same task, nothing is added. */
  readonly clientJobId?: string;
  readonly createdBy: string;
}

export interface TaskSubmitWorld {
  /** Throws TASK_KIND_UNKNOWN or OPTIONS_INVALID, and JOB_CONFLICT when the clientJobId is that of another order. */
  readonly addTask: (task: SubmittedTask) => Promise<{ readonly id: TaskId; readonly created: boolean }>;
}

export const SubmitBody = z.strictObject({
  kind: Name,
  options: z.record(z.string(), z.unknown()),
  title: z.string().min(1).max(256).optional(),
  group: Name.optional(),
  priority: PriorityName.optional(),
  clientJobId: ClientJobId.optional(),
});
export type SubmitBody = z.input<typeof SubmitBody>;

export function submitRoutes(app: FastifyInstance, world: TaskSubmitWorld & TaskReadWorld): void {
  app.post('/v1/tasks', async (request, reply) => {
    const { kind, options, ...rest } = parseJsonBody(SubmitBody, request.body);
    const clientJobId = sameJobId(rest.clientJobId, request);
    const { id, created } = await world.addTask({
      kind,
      options,
      ...(rest.title !== undefined && { title: rest.title }),
      ...(rest.group !== undefined && { group: rest.group }),
      ...(rest.priority !== undefined && { priority: rest.priority }),
      ...(clientJobId !== undefined && { clientJobId }),
      createdBy: principalOf(request).name,
    });
    const view = await readTaskView(world, id);
    return reply
      .code(created ? 201 : 200)
      .header('location', `/v1/tasks/${id}`)
      .send(view);
  });
}

/** The header is how HTTP clients say it, the field is how everybody else does; both mean the same. */
function sameJobId(field: string | undefined, request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return field;
  // Bytes beyond ASCII have no agreed meaning in a header, so one id could come as two, and two as one.
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
