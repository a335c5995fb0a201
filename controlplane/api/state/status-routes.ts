import type { FastifyInstance } from 'fastify';
import { contract } from '../http/contract.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { principalOf } from '../http/access.ts';
import { visibleTo } from '../tasks/own-task.ts';
import {
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
  app.get(
    '/v1/connection-status',
    contract({
      summary: 'The installation as a whole: tasks by status, pauses, nodes',
      answers: { 200: ConnectionStatus },
    }),
    async (): Promise<ConnectionStatus> => {
      const read = await status.readStatus();
      return { service: 'wip', now: clock.now().toISOString(), ...read };
    },
  );
  app.get(
    '/v1/task-summary',
    contract({ summary: 'Counts of tasks by group, status, end and cause', answers: { 200: TaskSummaryAnswer } }),
    async (request): Promise<TaskSummaryAnswer> => {
      return { groups: [...(await status.summariseTasks(visibleTo(principalOf(request))))] };
    },
  );
  app.get(
    '/v1/reconcile',
    contract({
      summary: "What each living node found of the installation's containers at its start",
      answers: { 200: StartReportsAnswer },
    }),
    async (): Promise<StartReportsAnswer> => ({ reports: await status.listStartReports() }),
  );
  app.post(
    '/v1/reconcile',
    contract({ summary: 'Compares the record with ECS now', answers: { 200: ReconcileReportView } }),
    (request): Promise<ReconcileReportView> => status.reconcile(principalOf(request).name),
  );
  // While a restored database is not confirmed, unowned containers are reported and not stopped.
  const restored = async (): Promise<RestoredAnswer> => ({ restored: await status.readRestored() });
  app.get(
    '/v1/state/restored',
    contract({
      summary: 'Whether the database came from a dump and nobody has confirmed it',
      answers: { 200: RestoredAnswer },
    }),
    restored,
  );
  app.delete(
    '/v1/state/restored',
    contract({ summary: 'Confirms that the database was restored', answers: { 200: RestoredAnswer } }),
    async (request) => {
      await status.confirmRestored(principalOf(request).name);
      return restored();
    },
  );
}
