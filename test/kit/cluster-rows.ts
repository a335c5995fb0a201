import { readEcsConfig } from '../../controlplane/ecs/ecs-config.ts';
import { parseYamlSource } from '../../controlplane/ecs/yaml-source.ts';
import { EcsClusterStore, type StoredCluster } from '../../controlplane/store/clusters/ecs-cluster-store.ts';
import { localCluster } from '../../controlplane/store/clusters/local-cluster.ts';
import type { Db } from '../../controlplane/store/schema.ts';
import { createClusterSet, type OpenClusters } from '../../controlplane/world/cluster-set.ts';
import type { Clock } from '../../shared/support/clock.ts';
import type { Secret } from '../../shared/support/secret.ts';
import { openTestClient, silentLog, type TestEcs } from './local-ecs.ts';

const DEFINITION = 'default:\n  containerDefinitions: [{name: build, image: none, memory: 64}]\noverrides: {}\n';

/** An installation's rows of clusters, all on one local ECS. */
export interface ClusterRows {
  readonly store: EcsClusterStore;
  readonly clusters: OpenClusters;
  save(name: string, changes?: Partial<StoredCluster>): Promise<void>;
  /** `startedBy` of what was ever launched into each ECS cluster. */
  launches(): Promise<Record<string, string[]>>;
}

export const ECS_CLUSTERS = ['default', 'second'] as const;

export function clusterRows(db: Db, masterKey: Secret<Buffer>, { ecs }: TestEcs, clock: Clock): ClusterRows {
  const store = new EcsClusterStore(db, masterKey);
  const clusters = createClusterSet({
    db,
    store,
    ecsConfig: readEcsConfig([parseYamlSource('test.yml', `naming: {namespace: n, customer: c}\n${DEFINITION}`)]),
    stopBudgetSeconds: 50,
    liveNodes: () => 1,
    clock,
    random: () => 0.5,
    log: silentLog,
  });
  return {
    store,
    clusters,
    save: (name, changes = {}) => store.save({ ...localCluster(ecs), name, ...changes }),
    async launches() {
      const found: Record<string, string[]> = Object.fromEntries(ECS_CLUSTERS.map((name) => [name, []]));
      for (const name of ECS_CLUSTERS) {
        const there = openTestClient(ecs, clock, { cluster: name });
        const listed = await Promise.all(
          (['RUNNING', 'STOPPED'] as const).map((desiredStatus) => there.listTasks({ desiredStatus })),
        );
        const tasks = listed.flat().length === 0 ? [] : await there.describeTasks(listed.flat());
        there.close();
        found[name]!.push(...tasks.map(({ startedBy }) => startedBy ?? ''));
      }
      return found;
    },
  };
}
