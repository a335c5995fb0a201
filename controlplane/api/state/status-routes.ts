import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../shared/support/clock.ts';
import { principalOf } from '../http/access.ts';
import { seesEveryTask } from '../tasks/own-task.ts';
import type { ConnectionStatus, GroupSummary, TaskSummaryAnswer } from './state-views.ts';

export interface StatusWorld {
  readonly readStatus: () => Promise<Omit<ConnectionStatus, 'service' | 'now'>>;
  /** Set for principals who see only their own tasks. */
  readonly summariseTasks: (only: { readonly createdBy?: string }) => Promise<readonly GroupSummary[]>;
}

export function statusRoutes(app: FastifyInstance, world: StatusWorld & { readonly clock: Clock }): void {
  app.get('/v1/connection-status', async (): Promise<ConnectionStatus> => {
    const status = await world.readStatus();
    return { service: 'wip', now: world.clock.now().toISOString(), ...status };
  });
  app.get('/v1/task-summary', async (request): Promise<TaskSummaryAnswer> => {
    const principal = principalOf(request);
    const only = seesEveryTask(principal) ? {} : { createdBy: principal.name };
    return { groups: [...(await world.summariseTasks(only))] };
  });
}
