import type { Clock } from '../../shared/time/clock.ts';
import type { Log } from '../../shared/system/log.ts';
import { EcsCallError } from '../ecs/client/ecs-error.ts';
import type { EcsClient } from '../ecs/client/ecs-client.ts';
import {
  deleteRevisions,
  listRetired,
  markDeregistered,
  retireRevisions,
  whileCleaning,
  type RevisionRegistry,
} from '../store/clusters/clean-revisions.ts';
import type { DatabaseOutage } from '../store/database-outage.ts';
import type { Db } from '../store/schema.ts';

// Ten registrations a family are kept, and ten are removed in an hour: ECS grants one such call a second, which launches need.
const INTERVAL_MS = 3_600_000;

export type CleanedRegistry = RevisionRegistry & {
  readonly open: () => Promise<Pick<EcsClient, 'deregisterTaskDefinition' | 'deleteTaskDefinitions'>>;
};

export interface CleanDefinitionsDeps extends CleaningDeps {
  readonly clock: Clock;
  readonly outage: DatabaseOutage;
}

export interface CleaningDeps {
  readonly db: Db;
  readonly log: Log;
  /** Revisions of a family that stay; 0: all. */
  readonly keep: number;
  readonly listRegistries: () => Promise<readonly CleanedRegistry[]>;
}

/** Removes old revisions of task definitions from ECS, at once and then every hour. Every node runs this; one of them acts. */
export async function cleanDefinitions(deps: CleanDefinitionsDeps, stop: AbortSignal): Promise<void> {
  if (deps.keep === 0) return;
  while (!stop.aborted) {
    try {
      await whileCleaning(deps.db, () => cleanOnce(deps));
    } catch (error) {
      if (!deps.outage.note(error, 'old task definitions'))
        deps.log.warn({ err: error }, 'cleaning task definitions failed');
    }
    await deps.clock.sleep(INTERVAL_MS, stop);
  }
}

/**
 * One round: what is beyond the number to keep is taken out of use; what has been out of use for an hour is deregistered; what has
 * been deregistered for an hour is deleted. An hour apart, no launch can be pinned to a revision that goes.
 */
export async function cleanOnce(deps: CleaningDeps): Promise<void> {
  await retireRevisions(deps.db, deps.keep);
  const cleaned = new Set<string>();
  for (const registry of await deps.listRegistries()) {
    const { endpoint, caller, region } = registry;
    const key = JSON.stringify([endpoint, caller, region]);
    if (cleaned.has(key)) continue;
    cleaned.add(key);
    try {
      await cleanRegistry(deps, registry);
    } catch (error) {
      // One account without the right to do so must not keep the others full.
      if (!(error instanceof EcsCallError)) throw error;
      deps.log.warn({ err: error, region }, 'old task definitions could not be removed');
    }
  }
}

async function cleanRegistry({ db, log }: CleaningDeps, registry: CleanedRegistry): Promise<void> {
  const [toDelete, toDeregister] = [
    await listRetired(db, registry, 'delete'),
    await listRetired(db, registry, 'deregister'),
  ];
  if (toDelete.length + toDeregister.length === 0) return;
  const client = await registry.open();
  for (const { id, arn, family, revision } of toDeregister) {
    await client.deregisterTaskDefinition(arn);
    await markDeregistered(db, id);
    log.info({ family, revision }, 'task definition deregistered');
  }
  if (toDelete.length === 0) return;
  const { deleted } = await client.deleteTaskDefinitions(toDelete.map(({ arn }) => arn));
  await deleteRevisions(
    db,
    toDelete.filter(({ arn }) => deleted.includes(arn)).map(({ id }) => id),
  );
}
