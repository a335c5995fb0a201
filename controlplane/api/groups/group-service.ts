import { wakeForCorrection } from '../../store/attempts/wake-for-correction.ts';
import type { Db } from '../../store/schema.ts';
import { readPauseOrigins } from '../../store/control/pause-origins.ts';
import { pruneFinished } from '../../store/prune-finished.ts';
import { removeGroup } from '../../store/settings/remove-group.ts';
import { listGroups, setGroup } from '../../store/settings/groups.ts';
import { readOldestQueued } from '../../store/tasks/queue-positions.ts';
import { auditInto } from '../audit/audited.ts';
import { requireClusters } from '../clusters/cluster-service.ts';
import { groupInUse, groupUnknown } from './group-refusals.ts';
import type { GroupTimesService } from './group-times-service.ts';
import type { GroupView } from './group-views.ts';

export interface GroupChange {
  readonly name: string;
  readonly maxRunning?: number;
  readonly retentionDays?: number;
  readonly clusters?: readonly string[];
}

export interface GroupService {
  listGroups(): Promise<readonly GroupView[]>;
  /** Adds the group when there is none of this name. Throws CLUSTER_UNKNOWN. */
  setGroup(change: GroupChange, by: string): Promise<void>;
  /**
   * Removes a group, and its ended tasks whose retention is over. Throws GROUP_UNKNOWN, and GROUP_IN_USE when the group has other
   * tasks.
   */
  removeGroup(name: string, by: string): Promise<void>;
}

const PRUNED_AT_ONCE = 200;

export function createGroupService(db: Db, groupTimes: GroupTimesService): GroupService {
  const audited = auditInto(db);
  return {
    listGroups: () => readViews(db, groupTimes),
    setGroup: async (change, by) => {
      const { name, ...limits } = change;
      await requireClusters(db, change.clusters ?? []);
      await setGroup(db, change);
      await audited(by, 'set-limits', `group/${name}`, limits);
      if (change.clusters) await wakeForCorrection(db);
    },
    removeGroup: async (name, by) => {
      while ((await pruneFinished(db, PRUNED_AT_ONCE, name)) === PRUNED_AT_ONCE);
      const outcome = await removeGroup(db, name);
      if (outcome.kind === 'unknown') throw groupUnknown(name);
      if (outcome.kind === 'in-use') throw groupInUse(name, outcome);
      await audited(by, 'delete', `group/${name}`);
    },
  };
}

async function readViews(db: Db, groupTimes: GroupTimesService): Promise<GroupView[]> {
  const groups = await listGroups(db);
  const paused = groups.filter(({ pause }) => pause !== null).map(({ name }) => `group/${name}`);
  const [times, origins, oldest] = await Promise.all([
    groupTimes.findTimes(groups.map(({ name }) => name)),
    readPauseOrigins(db, paused),
    readOldestQueued(db),
  ]);
  return groups.map((group) => {
    const { runMedianSeconds = null, waitMedianSeconds, waitP95Seconds } = times.get(group.name) ?? {};
    const origin = origins.get(`group/${group.name}`);
    const isWaitKnown = typeof waitMedianSeconds === 'number' && typeof waitP95Seconds === 'number';
    return {
      ...group,
      clusters: [...group.clusters],
      pausedSince: origin?.at.toISOString() ?? null,
      pausedBy: origin?.by ?? null,
      oldestQueuedAt: oldest.get(group.name)?.toISOString() ?? null,
      usualWait: isWaitKnown ? { medianSeconds: waitMedianSeconds, p95Seconds: waitP95Seconds } : null,
      usualSeconds: runMedianSeconds,
    };
  });
}
