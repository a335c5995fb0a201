import type { Clock } from '../../../shared/support/clock.ts';
import type { Secret } from '../../../shared/support/secret.ts';
import { sha256Hex } from '../../../shared/support/signing.ts';
import type { AuditWorld } from '../audit/audit-routes.ts';
import type { ClusterWorld } from '../clusters/cluster-routes.ts';
import type { GroupWorld } from '../groups/group-routes.ts';
import type { MaintenanceWorld } from './maintenance-routes.ts';
import type { PauseTarget, PauseWorld } from './pause-routes.ts';
import type { RestoredWorld } from './restored-routes.ts';
import type { StatusWorld } from './status-routes.ts';
import type { TokenWorld } from '../tokens/token-routes.ts';
import type { GroupSummary, MaintenanceView } from './state-views.ts';
import type { TokenView } from '../tokens/token-views.ts';
import type { EcsClusterStore } from '../../store/clusters/ecs-cluster-store.ts';
import { clearPause, readPauses, setPause, type PauseScope } from '../../store/control/pauses.ts';
import { endMaintenance, readMaintenance, startMaintenance } from '../../store/operation/maintenance.ts';
import { confirmRestored, readRestored } from '../../store/operation/restored.ts';
import { summariseTasks, type TaskCount } from '../../store/operation/summarise-tasks.ts';
import type { Db } from '../../store/schema.ts';
import { addApiToken, listApiTokens, revokeApiToken, type ListedToken } from '../../store/settings/api-tokens.ts';
import { readAudit } from '../../store/settings/audit.ts';
import { listGroups, setGroup } from '../../store/settings/groups.ts';
import { liveNodes } from '../../store/settings/nodes.ts';
import { countByStatus } from '../../store/tasks/read-tasks.ts';
import { auditInto, type Audited } from '../audit/audited.ts';
import { answerClusters } from '../clusters/cluster-service.ts';

export interface OperatorSide {
  readonly db: Db;
  readonly clusters: EcsClusterStore;
  readonly node: string;
  readonly version: string;
  readonly clock: Clock;
  /** How long ago a node may have said something and still counts. */
  readonly nodeLiveSeconds: number;
  readonly makeToken: () => Secret<string>;
}

export type OperatorWorld = GroupWorld &
  PauseWorld &
  MaintenanceWorld &
  RestoredWorld &
  StatusWorld &
  TokenWorld &
  AuditWorld &
  ClusterWorld;

/** What operators and administrators may do, answered from the store. Whatever they change stands in the audit. */
export function answerOperators(side: OperatorSide): OperatorWorld {
  const { db } = side;
  const audited = auditInto(db);
  return {
    listGroups: () => listGroups(db),
    setGroup: async (change, by) => {
      const { name, ...limits } = change;
      await setGroup(db, change);
      await audited(by, 'set-limits', `group/${name}`, limits);
    },
    ...answerPauses(db, audited),
    ...answerMaintenance(side, audited),
    readRestored: () => readRestored(db),
    confirmRestored: async (by) => {
      await confirmRestored(db);
      await audited(by, 'confirm-restore', 'database');
    },
    ...answerStatus(side),
    ...answerTokens(side, audited),
    readAudit: async (filter) =>
      (await readAudit(db, filter)).map(({ at, ...entry }) => ({ ...entry, at: at.toISOString() })),
    ...answerClusters(side, audited),
  };
}

function answerPauses(db: Db, audited: Audited): PauseWorld {
  return {
    readPauses: () => readPauses(db),
    pauseAll: async (target, type, by) => {
      for (const { scope, subject } of scopesOf(target)) {
        await setPause(db, scope, type);
        await audited(by, 'pause', subject, { type });
      }
    },
    resumeAll: async (target, by) => {
      for (const { scope, subject } of scopesOf(target)) {
        await clearPause(db, scope);
        await audited(by, 'resume', subject);
      }
    },
  };
}

function scopesOf(target: PauseTarget): { scope: PauseScope; subject: string }[] {
  if (target === 'all') return [{ scope: { scope: 'global' }, subject: 'all' }];
  return target.map((name) => ({ scope: { scope: 'group', name }, subject: `group/${name}` }));
}

function answerMaintenance({ db, clock }: OperatorSide, audited: Audited): MaintenanceWorld {
  return {
    readMaintenance: () => maintenanceView(db),
    startMaintenance: async (reason, by) => {
      // Said again it gets the new reason; since when it lasts stays.
      const since = (await readMaintenance(db))?.since ?? clock.now().toISOString();
      await startMaintenance(db, { reason, by, since });
      await audited(by, 'maintenance-on', 'maintenance', { reason });
    },
    endMaintenance: async (by) => {
      await endMaintenance(db);
      await audited(by, 'maintenance-off', 'maintenance');
    },
  };
}

async function maintenanceView(db: Db): Promise<MaintenanceView> {
  const maintenance = await readMaintenance(db);
  return maintenance ? { isOn: true, ...maintenance } : { isOn: false, reason: null, since: null, by: null };
}

function answerStatus({ db, node, version, nodeLiveSeconds }: OperatorSide): StatusWorld {
  return {
    readStatus: async () => {
      const [tasks, pauses, maintenance, nodes] = await Promise.all([
        countByStatus(db),
        readPauses(db),
        maintenanceView(db),
        liveNodes(db, nodeLiveSeconds),
      ]);
      const views = nodes.map(({ startedAt, seenAt, ...plain }) => ({
        ...plain,
        startedAt: startedAt.toISOString(),
        seenAt: seenAt.toISOString(),
      }));
      return { version, node, tasks, pauses, maintenance, nodes: views };
    },
    summariseTasks: async (only) => summariesOf(await summariseTasks(db, only)),
  };
}

function summariesOf(counts: readonly TaskCount[]): GroupSummary[] {
  const groups = new Map<string, GroupSummary>();
  for (const { group, status, exitStatus, cause, count } of counts) {
    const summary = groups.get(group) ?? { group, statuses: {}, exits: {}, causes: {} };
    groups.set(group, summary);
    summary.statuses[status] = (summary.statuses[status] ?? 0) + count;
    if (status !== 'COMPLETE') continue;
    summary.exits[exitStatus] = (summary.exits[exitStatus] ?? 0) + count;
    if (cause !== null) summary.causes[cause] = (summary.causes[cause] ?? 0) + count;
  }
  return [...groups.values()];
}

function answerTokens({ db, makeToken, clock }: OperatorSide, audited: Audited): TokenWorld {
  return {
    listTokens: async () => (await listApiTokens(db)).map(tokenView),
    createToken: async ({ name, role }, by) => {
      const token = makeToken().reveal();
      const id = await addApiToken(db, { name, role, tokenHash: sha256Hex(token) });
      await audited(by, 'create', `token/${id}`, { name, role });
      return { id, name, role, createdAt: clock.now().toISOString(), revokedAt: null, token };
    },
    revokeToken: async (id, by) => {
      const outcome = await revokeApiToken(db, id);
      if (outcome === 'revoked') await audited(by, 'revoke', `token/${id}`);
      return outcome;
    },
  };
}

function tokenView({ createdAt, revokedAt, ...plain }: ListedToken): TokenView {
  return { ...plain, createdAt: createdAt.toISOString(), revokedAt: revokedAt?.toISOString() ?? null };
}
