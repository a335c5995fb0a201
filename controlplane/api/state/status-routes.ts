import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../shared/support/clock.ts';
import { principalOf } from '../http/access.ts';
import { visibleTo } from '../tasks/own-task.ts';
import type {
  ConnectionStatus,
  ReconcileReportView,
  RestoredAnswer,
  StartReportsAnswer,
  TaskSummaryAnswer,
} from './state-views.ts';
import type { StatusService } from './status-service.ts';

export interface StatusRouteDeps {
  readonly status: StatusService;
  readonly clock: Clock;
}

export function statusRoutes(app: FastifyInstance, { status, clock }: StatusRouteDeps): void {
  app.get('/v1/connection-status', async (): Promise<ConnectionStatus> => {
    const read = await status.readStatus();
    return { service: 'wip', now: clock.now().toISOString(), ...read };
  });
  app.get('/v1/task-summary', async (request): Promise<TaskSummaryAnswer> => {
    return { groups: [...(await status.summariseTasks(visibleTo(principalOf(request))))] };
  });
  app.get('/v1/reconcile', async (): Promise<StartReportsAnswer> => ({ reports: await status.listStartReports() }));
  app.post('/v1/reconcile', (request): Promise<ReconcileReportView> => status.reconcile(principalOf(request).name));
  // While a restored database is not confirmed, containers that no task of it owns are reported and not stopped.
  const restored = async (): Promise<RestoredAnswer> => ({ restored: await status.readRestored() });
  app.get('/v1/state/restored', restored);
  app.delete('/v1/state/restored', async (request) => {
    await status.confirmRestored(principalOf(request).name);
    return restored();
  });
}
