import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../../shared/time/clock.ts';
import { principalOf } from '../http/access.ts';
import { contract } from '../http/contract.ts';
import { parseRequest } from '../http/parse-request.ts';
import { findVisibleTask, PathWithId, visibleTo } from '../tasks/own-task.ts';
import type { TaskService } from '../tasks/task-service.ts';
import type { CauseService } from './cause-service.ts';
import { CausesAnswer, SeenBeforeAnswer } from './cause-views.ts';
import { instantBefore, Timestamp } from '../../../shared/model/timestamp.ts';

export interface CauseRouteServices {
  readonly tasks: Pick<TaskService, 'findTask'>;
  readonly causes: CauseService;
  readonly clock: Clock;
}

const CausesQuery = z.strictObject({
  since: Timestamp.optional().describe(
    'Tasks that ended at this instant or later; ISO 8601 with offset. Default: 24 hours before `until`.',
  ),
  until: Timestamp.optional().describe('Tasks that ended before this instant; ISO 8601 with offset. Default: now.'),
});
const DAY_MS = 86_400_000;

export function causeRoutes(app: FastifyInstance, { tasks, causes, clock }: CauseRouteServices): void {
  app.get(
    '/v1/causes',
    contract({
      summary: 'Why tasks have failed, by cause and fault; of the last 24 hours unless it is told otherwise',
      query: CausesQuery,
      answers: { 200: CausesAnswer },
    }),
    async (request): Promise<CausesAnswer> => {
      const given = parseRequest(CausesQuery, request.query, 'query');
      const until = given.until === undefined ? clock.now() : new Date(given.until);
      const since = given.since === undefined ? instantBefore(until, DAY_MS) : new Date(given.since);
      return causes.countCauses({ since, until }, visibleTo(principalOf(request)));
    },
  );
  app.get(
    '/v1/tasks/:id/seen-before',
    contract({
      summary: 'Earlier tasks of its group that have failed with the same cause',
      params: PathWithId,
      answers: { 200: SeenBeforeAnswer },
    }),
    async (request): Promise<SeenBeforeAnswer> => {
      const { id } = await findVisibleTask(tasks, request);
      const seen = await causes.countSeenBefore(id, visibleTo(principalOf(request)));
      if (!seen) throw new Error(`task ${id} disappeared while it was being answered`);
      return seen;
    },
  );
}
