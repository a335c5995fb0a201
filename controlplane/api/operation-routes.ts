import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../shared/support/clock.ts';
import { auditRoutes, type AuditWorld } from './audit/audit-routes.ts';
import { clusterRoutes, type ClusterWorld } from './clusters/cluster-routes.ts';
import { doctorRoutes, type DoctorWorld } from './doctor/doctor-routes.ts';
import { groupRoutes, type GroupWorld } from './groups/group-routes.ts';
import { maintenanceRoutes, type MaintenanceWorld } from './state/maintenance-routes.ts';
import { metricsRoutes, type MetricsWorld } from './metrics/metrics-routes.ts';
import { pauseRoutes, type PauseWorld } from './state/pause-routes.ts';
import { restoredRoutes, type RestoredWorld } from './state/restored-routes.ts';
import { secretsRoutes, type SecretsWorld } from './secrets/secret-routes.ts';
import { statusRoutes, type StatusWorld } from './state/status-routes.ts';
import { tokenRoutes, type TokenWorld } from './tokens/token-routes.ts';

/** What operators ask of the installation as a whole. */
export interface OperationWorld
  extends
    GroupWorld,
    PauseWorld,
    MaintenanceWorld,
    RestoredWorld,
    StatusWorld,
    TokenWorld,
    AuditWorld,
    SecretsWorld,
    ClusterWorld,
    DoctorWorld,
    MetricsWorld {}

export function operationRoutes(app: FastifyInstance, world: OperationWorld & { readonly clock: Clock }): void {
  groupRoutes(app, world);
  pauseRoutes(app, world);
  maintenanceRoutes(app, world);
  restoredRoutes(app, world);
  statusRoutes(app, world);
  tokenRoutes(app, world);
  auditRoutes(app, world);
  secretsRoutes(app, world);
  clusterRoutes(app, world);
  doctorRoutes(app, world);
  metricsRoutes(app, world);
}
