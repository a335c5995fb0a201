import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { TaskId } from '../../../shared/model/ids.ts';
import type {
  AttemptDetail,
  AttemptsAnswer,
  EventsAnswer,
  EventView,
  UsageAnswer,
  UsageSampleView,
} from './task-detail-views.ts';
import { parseRequest } from '../http/parse-request.ts';
import { findOwnTask, type TaskReadWorld } from './own-task.ts';
import { audienceOf } from './task-recording-routes.ts';

export interface TaskDetailWorld {
  readonly listAttempts: (id: TaskId) => Promise<readonly AttemptDetail[]>;
  /** Oldest first, only those after `since`. */
  readonly listUsageSamples: (
    id: TaskId,
    from: { readonly since: Date | null; readonly limit: number },
  ) => Promise<readonly UsageSampleView[]>;
  /** Oldest first. */
  readonly listEvents: (id: TaskId) => Promise<readonly EventView[]>;
  /** What makes a simulation answer what the last run of the task answered; empty before its first step. */
  readonly readSimulationScript: (id: TaskId) => Promise<string>;
}

// A day at a heartbeat every 30 s has 2,880; programs go on from the last one's instant.
const UsageQuery = z.strictObject({
  since: z.iso.datetime({ offset: true }).optional(),
  limit: z.coerce.number().int().min(1).max(3_000).default(3_000),
});

export function detailRoutes(app: FastifyInstance, world: TaskDetailWorld & TaskReadWorld): void {
  app.get('/v1/tasks/:id/attempts', async (request): Promise<AttemptsAnswer> => {
    const { id } = await findOwnTask(world, request);
    const attempts = await world.listAttempts(id);
    // What ECS and SSH said can name machines: that is for operators, as are logs not written for users.
    const isForOperators = audienceOf(request) === 'all';
    return {
      attempts: attempts.map((one) => (isForOperators ? one : { ...one, ecsWitness: null, sshWitness: null })),
    };
  });
  app.get('/v1/tasks/:id/usage', async (request): Promise<UsageAnswer> => {
    const { id, usage } = await findOwnTask(world, request);
    const { since, limit } = parseRequest(UsageQuery, request.query, 'query');
    const samples = await world.listUsageSamples(id, { since: since === undefined ? null : new Date(since), limit });
    return { total: usage, samples: [...samples] };
  });
  app.get('/v1/tasks/:id/events', async (request): Promise<EventsAnswer> => {
    const { id } = await findOwnTask(world, request);
    return { events: [...(await world.listEvents(id))] };
  });
  app.get('/v1/tasks/:id/simulation-script', async (request, reply) => {
    const { id } = await findOwnTask(world, request);
    return reply.type('text/plain; charset=utf-8').send(await world.readSimulationScript(id));
  });
}
