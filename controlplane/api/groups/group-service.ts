import { OperationalError } from '../../../shared/model/error.ts';
import { listClusters } from '../../store/clusters/list-clusters.ts';
import type { Db } from '../../store/schema.ts';
import { listGroups, setGroup } from '../../store/settings/groups.ts';
import { auditInto } from '../audit/audited.ts';
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
      await checkClusters(db, change.clusters ?? []);
      await setGroup(db, change);
      await audited(by, 'set-limits', `group/${name}`, limits);
    },
  };
}

async function checkClusters(db: Db, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const known = new Set((await listClusters(db)).map((cluster) => cluster.name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new OperationalError('CLUSTER_UNKNOWN', {
    happened: `There is no cluster ${unknown.map((name) => `"${name}"`).join(', ')}`,
    remedy: 'See which there are with "wipctl clusters list"',
  });
}
