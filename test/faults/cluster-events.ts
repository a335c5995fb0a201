import { OperationalError } from '../../shared/model/error.ts';
import { CLUSTER_ROWS, ECS_CLUSTERS, REGIONS, type ClusterRow, type Meaning } from './cluster-rows.ts';
import type { Dice } from './dice.ts';
import { storedCluster, type FaultSystem } from './fault-system.ts';

/** Changes of clusters by operators while builds run. */
export type ClusterChange =
  /** Makes another row the active one. */
  | { readonly kind: 'use-cluster'; readonly row: ClusterRow }
  /** Lets a row mean this ECS cluster from now on. */
  | { readonly kind: 'change-cluster'; readonly row: ClusterRow; readonly meaning: Meaning }
  /** Deletes a row; refused while the row is in use. */
  | { readonly kind: 'delete-cluster'; readonly row: ClusterRow };

// A number far from the seeds, which are counted up.
export const CLUSTER_DICE = 1_000_003;
const ROWS = Object.keys(CLUSTER_ROWS) as ClusterRow[];

export function planClusterEvents(dice: Dice, withinSeconds: number): ({ afterSeconds: number } & ClusterChange)[] {
  return Array.from({ length: dice.between(0, 3) }, () => {
    const afterSeconds = dice.between(0, withinSeconds);
    const row = dice.pick(ROWS);
    const kind = dice.pick(['use-cluster', 'use-cluster', 'change-cluster', 'delete-cluster'] as const);
    if (kind !== 'change-cluster') return { afterSeconds, kind, row };
    return { afterSeconds, kind, row, meaning: { region: dice.pick(REGIONS), cluster: dice.pick(ECS_CLUSTERS) } };
  });
}

/** Makes the change. A row in use is not deleted, and a deleted row cannot be used. */
export async function changeClusters({ clusters, regions }: FaultSystem, change: ClusterChange): Promise<void> {
  try {
    if (change.kind === 'use-cluster') await clusters.use(change.row);
    else if (change.kind === 'delete-cluster') await clusters.delete(change.row);
    else await clusters.save(storedCluster(regions, change.row, change.meaning));
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
  }
}
