import { listFullClusters, wakeForRoom, type FullCluster } from '../../store/attempts/wake-for-room.ts';
import type { EngineDeps } from '../engine-deps.ts';
import { hasShare, type Sweepers } from './decide-share.ts';

type WatchDeps = Pick<EngineDeps, 'db' | 'clusters' | 'node' | 'outage' | 'log'>;

/** The container instances that each full cluster had when it was last seen. */
export type SeenInstances = Map<string, number>;

// A new machine has room for a few containers; each launch that succeeds wakes the next task.
const MOST_WOKEN = 5;

/**
 * Wakes tasks that wait for room when machines have joined their cluster. One call for each full cluster and round, by
 * one node of the installation; none while no task waits for room.
 */
export async function watchFullClusters(deps: WatchDeps, sweepers: Sweepers, seen: SeenInstances): Promise<void> {
  const full = await listFullClusters(deps.db);
  const keys = new Set(full.map(({ key }) => key));
  for (const key of seen.keys()) if (!keys.has(key)) seen.delete(key);
  // The period is constant, so that clusters do not move between nodes: a new node has no earlier count to compare with.
  const own = full.filter(({ key }) => hasShare(`room/${key}`, deps.node, { ...sweepers, period: 0 }));
  await Promise.all(own.map((cluster) => watch(deps, cluster, seen)));
}

async function watch(deps: WatchDeps, cluster: FullCluster, seen: SeenInstances): Promise<void> {
  try {
    const instances = await (await deps.clusters.openOf(cluster)).countInstances();
    const before = seen.get(cluster.key);
    seen.set(cluster.key, instances);
    if (before === undefined || instances <= before) return;
    const woken = await wakeForRoom(deps.db, cluster.id, Math.min(instances - before, MOST_WOKEN));
    deps.log.info({ cluster: cluster.cluster, instances, woken }, 'machines have joined a full cluster');
  } catch (error) {
    if (deps.outage.note(error, 'looking for machines of a full cluster')) return;
    // The cluster's tasks try again by themselves and show why they wait.
    deps.log.debug({ err: error, cluster: cluster.cluster }, 'the machines of a full cluster were not counted');
  }
}
