import type { FastifyInstance } from 'fastify';
import { MaintenanceBody, MaintenanceView } from './state-views.ts';
import { contract } from '../http/contract.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { ACCESS, principalOf } from '../http/access.ts';
import { parseJsonBody, rawBody } from '../http/parse-request.ts';
import type { MaintenanceService } from './maintenance-service.ts';

/** Submitters may still terminate and pause tasks and seal values, none of which adds work. They may neither add nor restart tasks. */
const STAYS_OPEN: ReadonlySet<string> = new Set([
  'PUT /v1/tasks/:id/terminate',
  'PUT /v1/tasks/:id/pause',
  'DELETE /v1/tasks/:id/pause',
  'POST /v1/encrypt',
]);

/**
 * Returns whether a maintenance closes the route. Viewers, agents and operators are never refused, so that running tasks go on
 * and can be watched and controlled.
 */
function isClosedInMaintenance(route: string): boolean {
  return ACCESS[route] === 'submitter' && !route.startsWith('GET ') && !STAYS_OPEN.has(route);
}

/** Refuses new work during a maintenance. A sender who may not add work at all is refused for that instead. */
export function guardMaintenance(app: FastifyInstance, maintenance: MaintenanceService): void {
  app.addHook('preHandler', async (request) => {
    if (!isClosedInMaintenance(`${request.method} ${request.routeOptions.url}`)) return;
    const { isOn, reason } = await maintenance.readMaintenance();
    if (!isOn) return;
    throw new OperationalError('MAINTENANCE', {
      happened: `New work is not taken while the control plane is in maintenance${reason === null ? '' : ` (${reason})`}`,
      remedy: 'Try again in a minute; tasks that were added before go on',
    });
  });
}

export function maintenanceRoutes(app: FastifyInstance, maintenance: MaintenanceService): void {
  app.get(
    '/v1/state/maintenance',
    contract({ summary: 'Whether new work is taken', answers: { 200: MaintenanceView } }),
    () => maintenance.readMaintenance(),
  );
  app.put(
    '/v1/state/maintenance',
    contract({
      summary: 'Takes no new work from now on',
      body: MaintenanceBody,
      isBodyOptional: true,
      answers: { 200: MaintenanceView },
    }),
    async (request) => {
      const { reason } = rawBody(request.body).length === 0 ? {} : parseJsonBody(MaintenanceBody, request.body);
      await maintenance.startMaintenance(reason ?? null, principalOf(request).name);
      return maintenance.readMaintenance();
    },
  );
  app.delete(
    '/v1/state/maintenance',
    contract({ summary: 'Takes new work again', answers: { 200: MaintenanceView } }),
    async (request) => {
      await maintenance.endMaintenance(principalOf(request).name);
      return maintenance.readMaintenance();
    },
  );
}
