import type { FastifyInstance } from 'fastify';
import { contract } from '../http/contract.ts';
import { z } from 'zod';
import { wholeNumber } from '../../../shared/model/whole-number.ts';
import { AttemptsAnswer, EventsAnswer, TaskUsageAnswer } from './task-detail-views.ts';
import { parseRequest } from '../http/parse-request.ts';
import { findVisibleTask, PathWithId } from './own-task.ts';
import type { TaskDetailService } from './task-detail-service.ts';
import type { TaskService } from './task-service.ts';
import { audienceOf } from './recording/task-recording-routes.ts';
import { Timestamp } from '../../../shared/model/timestamp.ts';

// A day has 2,880 heartbeats (one every 30 s). Programs go on from the instant of the last one.
const UsageQuery = z.strictObject({
  since: Timestamp.optional().describe(
    'Heartbeats after this instant: that of the last one of the page before; ISO 8601 with offset.',
  ),
  limit: wholeNumber(1, 3_000).prefault(3_000).describe('Heartbeats of the page.'),
});

export interface DetailRouteServices {
  readonly tasks: TaskService;
  readonly details: TaskDetailService;
}

export function taskDetailRoutes(app: FastifyInstance, { tasks, details }: DetailRouteServices): void {
  app.get(
    '/v1/tasks/:id/attempts',
    contract({
      summary: 'The containers of a task and their lives',
      params: PathWithId,
      answers: { 200: AttemptsAnswer },
    }),
    async (request): Promise<AttemptsAnswer> => {
      const { id } = await findVisibleTask(tasks, request);
      const attempts = await details.listAttempts(id);
      // The words of ECS and SSH can name machines, so only operators see them, as with logs not written for users.
      const isForOperators = audienceOf(request) === 'all';
      return {
        attempts: attempts.map((one) => (isForOperators ? one : { ...one, ecsWitness: null, sshWitness: null })),
      };
    },
  );
  app.get(
    '/v1/tasks/:id/usage',
    contract({
      summary: 'What its containers used, and the heartbeats',
      params: PathWithId,
      query: UsageQuery,
      answers: { 200: TaskUsageAnswer },
    }),
    async (request): Promise<TaskUsageAnswer> => {
      const { id, usage } = await findVisibleTask(tasks, request);
      const { since, limit } = parseRequest(UsageQuery, request.query, 'query');
      const samples = await details.listUsageSamples(id, {
        since: since === undefined ? null : new Date(since),
        limit,
      });
      return { total: usage, samples: [...samples] };
    },
  );
  app.get(
    '/v1/tasks/:id/events',
    contract({
      summary: 'Signals of its agents, and what people asked for',
      params: PathWithId,
      answers: { 200: EventsAnswer },
    }),
    async (request): Promise<EventsAnswer> => {
      const { id } = await findVisibleTask(tasks, request);
      return { events: [...(await details.listEvents(id))] };
    },
  );
  app.get(
    '/v1/tasks/:id/simulation-script',
    contract({
      summary: 'Its last run as a script for the simulator',
      params: PathWithId,
      answers: { 200: { media: 'text/plain', description: 'The script' } },
    }),
    async (request, reply) => {
      const { id } = await findVisibleTask(tasks, request);
      return reply.type('text/plain; charset=utf-8').send(await details.readSimulationScript(id));
    },
  );
}
