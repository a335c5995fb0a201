import type { Db } from '../../store/schema.ts';
import { listGroups, setGroup } from '../../store/settings/groups.ts';
import { auditInto } from '../audit/audited.ts';
import { requireClusters } from '../clusters/cluster-service.ts';
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
}

export function createGroupService(db: Db): GroupService {
  const audited = auditInto(db);
  return {
    listGroups: async () => (await listGroups(db)).map((group) => ({ ...group, clusters: [...group.clusters] })),
    setGroup: async (change, by) => {
      const { name, ...limits } = change;
      await requireClusters(db, change.clusters ?? []);
      await setGroup(db, change);
      await audited(by, 'set-limits', `group/${name}`, limits);
    },
  };
}
