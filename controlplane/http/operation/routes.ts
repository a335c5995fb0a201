import type { FastifyInstance } from 'fastify';
import type { Clock } from '../../../shared/support/clock.ts';
import { auditRoutes, type AuditWorld } from './audit.ts';
import { clusterRoutes, type ClusterWorld } from './clusters.ts';
import { doctorRoutes, type DoctorWorld } from './doctor.ts';
import { groupRoutes, type GroupWorld } from './groups.ts';
import { maintenanceRoutes, type MaintenanceWorld } from './maintenance.ts';
import { metricsRoutes, type MetricsWorld } from './metrics.ts';
import { pauseRoutes, type PauseWorld } from './pauses.ts';
import { restoredRoutes, type RestoredWorld } from './restored.ts';
import { secretsRoutes, type SecretsWorld } from './secrets.ts';
import { statusRoutes, type StatusWorld } from './status.ts';
import { tokenRoutes, type TokenWorld } from './tokens.ts';

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
