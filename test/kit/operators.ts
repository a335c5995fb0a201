import { randomBytes } from 'node:crypto';
import { createAuditService } from '../../controlplane/api/audit/audit-service.ts';
import { createClusterService } from '../../controlplane/api/clusters/cluster-service.ts';
import { createGroupService } from '../../controlplane/api/groups/group-service.ts';
import { createGroupTimesService } from '../../controlplane/api/groups/group-times-service.ts';
import { createMaintenanceService } from '../../controlplane/api/state/maintenance-service.ts';
import { createPauseService } from '../../controlplane/api/state/pause-service.ts';
import { createStatusService } from '../../controlplane/api/state/status-service.ts';
import { createAuthenticator } from '../../controlplane/api/tokens/authenticator.ts';
import { createToken, createTokenService } from '../../controlplane/api/tokens/token-service.ts';
import { findLaunchConflictsOfAll, launchConflictText } from '../../controlplane/ecs/definition/task-definition.ts';
import { EcsClusterStore } from '../../controlplane/store/clusters/ecs-cluster-store.ts';
import type { Db } from '../../controlplane/store/schema.ts';
import { systemClock, type Clock } from '../../shared/time/clock.ts';
import { Secret } from '../../shared/keys/secret.ts';
import { reconcileReport } from './reconcile-report.ts';
import { shippedEcsConfig } from './ecs/shipped-ecs-config.ts';

export type Operators = ReturnType<typeof operatorsOf>;

/** Returns the operators' services over a real database. */
export function operatorsOf(db: Db, clock: Clock = systemClock) {
  const config = shippedEcsConfig();
  const store = new EcsClusterStore(db, new Secret(randomBytes(32)));
  return {
    store,
    authenticator: createAuthenticator(db, {}),
    audit: createAuditService(db),
    clusters: createClusterService({
      db,
      clusters: store,
      node: 'node-1',
      examine: () => Promise.resolve([]),
      readQuotas: () => ({}),
      findLaunchConflicts: (cluster) =>
        findLaunchConflictsOfAll({ config, cluster, stopBudgetSeconds: 50 }).map(launchConflictText),
    }),
    groups: createGroupService(db, createGroupTimesService(db)),
    maintenance: createMaintenanceService({ db, clock }),
    pauses: createPauseService(db),
    status: createStatusService({
      db,
      node: 'node-1',
      version: '1.0.0',
      nodeLiveSeconds: 35,
      reconcile: () => Promise.resolve(reconcileReport()),
      readWakes: () => null,
    }),
    tokens: createTokenService({ db, clock, makeToken: createToken }),
  };
}
