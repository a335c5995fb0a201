import type { FastifyInstance } from 'fastify';
import { OperationalError } from '../../../shared/model/error.ts';
import type { TaskId } from '../../../shared/model/ids.ts';
import { principalOf } from '../http/access.ts';
import { findOwnTask, readTaskView, type TaskReadWorld } from './own-task.ts';

/** `finished` only where a finished task makes a difference; terminating one is simply done. */
export interface TaskControlWorld {
  readonly terminateTask: (id: TaskId, by: string) => Promise<void>;
  readonly pauseTask: (id: TaskId, by: string) => Promise<'paused' | 'finished'>;
  readonly resumeTask: (id: TaskId, by: string) => Promise<void>;
  readonly restartTask: (id: TaskId, by: string) => Promise<'restarted' | 'not-finished'>;
}

/** Each is only written down here; the task meets it at its next step, so 202 and not 200. */
export function controlRoutes(app: FastifyInstance, world: TaskControlWorld & TaskReadWorld): void {
  const control = (method: 'PUT' | 'DELETE', path: string, act: (id: TaskId, by: string) => Promise<void>): void => {
    app.route({
      method,
      url: `/v1/tasks/:id/${path}`,
      handler: async (request, reply) => {
        const { id } = await findOwnTask(world, request);
        await act(id, principalOf(request).name);
        return reply.code(202).send(await readTaskView(world, id));
      },
    });
  };
  control('PUT', 'terminate', world.terminateTask);
  control('DELETE', 'pause', world.resumeTask);
  control('PUT', 'pause', async (id, by) => {
    if ((await world.pauseTask(id, by)) === 'paused') return;
    throw new OperationalError('TASK_FINISHED', {
      happened: `Task ${id} is finished, so there is nothing to pause`,
      remedy: `Run it again with "wipctl restart ${id}"`,
    });
  });
  control('PUT', 'restart', async (id, by) => {
    if ((await world.restartTask(id, by)) === 'restarted') return;
    throw new OperationalError('TASK_NOT_FINISHED', {
      happened: `Task ${id} has not finished, so it was not restarted`,
      remedy: `Wait for its end or end it with "wipctl terminate ${id}", then restart it`,
    });
  });
}
