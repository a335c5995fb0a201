import { readEcsConfig } from '../../../controlplane/ecs/config/ecs-config.ts';
import { parseYamlSource } from '../../../controlplane/ecs/config/yaml-source.ts';
import { EcsClusterStore, type StoredCluster } from '../../../controlplane/store/clusters/ecs-cluster-store.ts';
import { localCluster } from '../../../controlplane/store/clusters/local-cluster.ts';
import type { Db } from '../../../controlplane/store/schema.ts';
import { createClusterSet, type OpenClusters } from '../../../controlplane/clusters/cluster-set.ts';
import { systemClock, type Clock } from '../../../shared/time/clock.ts';
import type { MasterKey } from '../../../shared/keys/sealing.ts';
import { openTestClient, silentLog, type TestEcs } from './local-ecs.ts';

const DEFINITION = 'default:\n  containerDefinitions: [{name: build, image: none, memory: 64}]\noverrides: {}\n';

/** The rows of clusters of an installation. */
export interface ClusterRows {
  readonly db: Db;
  readonly store: EcsClusterStore;
  readonly clusters: OpenClusters;
  save(name: string, changes?: Partial<StoredCluster>): Promise<void>;
}

export const ECS_CLUSTERS = ['default', 'second'] as const;

export function clusterRows(
  db: Db,
  masterKey: MasterKey,
  { ecs }: TestEcs,
  clock: Clock,
  definition = DEFINITION,
): ClusterRows {
  const store = new EcsClusterStore(db, masterKey);
  const clusters = createClusterSet({
    db,
    store,
    ecsConfig: readEcsConfig([parseYamlSource('test.yml', `naming: {namespace: n, customer: c}\n${definition}`)]),
    stopBudgetSeconds: 50,
    liveNodes: () => 1,
    clock,
    random: () => 0.5,
    log: silentLog,
  });
  return {
    db,
    store,
    clusters,
    save: (name, changes = {}) => store.save({ ...localCluster(ecs), name, ...changes }),
  };
}

/** Returns `startedBy` of every task that was launched into the clusters of one local ECS and is still listed. */
export async function launchesInto({ ecs }: TestEcs): Promise<string[]> {
  const found: string[] = [];
  for (const cluster of ECS_CLUSTERS) {
    const client = openTestClient(ecs, systemClock, { cluster });
    for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
      const arns = await client.listTasks({ desiredStatus });
      const tasks = arns.length === 0 ? [] : await client.describeTasks(arns);
      found.push(...tasks.map(({ startedBy }) => startedBy ?? ''));
    }
    client.close();
  }
  return found;
}
