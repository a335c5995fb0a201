import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import type { Logger } from '../../shared/system/logger.ts';
import { callerOf } from '../ecs/config/cluster-location.ts';
import { placementOf, type EcsCluster } from '../ecs/config/cluster.ts';
import type { EcsClient } from '../ecs/client/ecs-client.ts';
import type { EcsConfig } from '../ecs/config/ecs-config.ts';
import { findLogStream } from '../ecs/client/log-tail.ts';
import { createTaskDefinitionRegistry } from '../ecs/definition/task-definition-registry.ts';
import { composeDefinition } from '../ecs/definition/task-definition.ts';
import type { ClusterAccess } from '../engine/engine-deps.ts';
import {
  findDefinition,
  readDefinition,
  removeDefinition,
  saveDefinition,
  withDefinitionLock,
} from '../store/clusters/task-definitions.ts';
import type { Db } from '../store/schema.ts';

interface ClusterAccessOptions {
  readonly db: Db;
  readonly ecsConfig: EcsConfig;
  /** The agents' own budget for SIGTERM (config.ini, stop_budget). */
  readonly stopBudgetSeconds: number;
  readonly log: Logger;
}

/** Returns what the engine may do with a cluster through its client. */
export function createClusterAccess(
  options: ClusterAccessOptions,
  cluster: EcsCluster,
  client: EcsClient,
): ClusterAccess {
  const { db, ecsConfig, stopBudgetSeconds, log } = options;
  const location = {
    region: cluster.region,
    cluster: cluster.cluster,
    endpoint: cluster.endpoint ?? null,
    accessKeyId: cluster.accessKeyId ?? null,
    roleArn: cluster.roleArn ?? null,
  };
  const scope = { endpoint: location.endpoint ?? '', caller: callerOf(location) };
  const registry = createTaskDefinitionRegistry({
    scope,
    findByHash: (key) => findDefinition(db, key),
    save: (row) => saveDefinition(db, row),
    remove: (scope, arn) => removeDefinition(db, scope, arn),
    exclusively: (family, work) => withDefinitionLock(db, family, work),
    // Checked by the schema of config.ecs.yml; the SDK's type only differs in how it writes optional fields.
    register: (definition) => client.registerTaskDefinition(definition as RegisterTaskDefinitionCommandInput),
    log,
  });
  return {
    ecs: client,
    name: cluster.name,
    location,
    cluster: cluster.cluster,
    placement: placementOf(cluster.launch),
    pinDefinition: ({ kind, group, containerSize: wantedSize }) =>
      registry.pin(composeDefinition({ config: ecsConfig, kind, group, cluster, stopBudgetSeconds, wantedSize })),
    forgetDefinition: (arn) => registry.forget(arn),
    listRunning: () => client.listRunning(),
    async readLogTail(taskArn, definitionArn) {
      const stream = findLogStream(await readDefinition(db, scope, definitionArn), taskArn);
      const text = stream && (await client.logTail.read(stream));
      return stream && text !== null ? { name: `${stream.group}/${stream.stream}`, text } : null;
    },
    countInstances: async () => (await client.check()).instances,
  };
}
