import type { Logger } from '../../shared/support/logger.ts';
import type { PinnedDefinition } from './launch-once.ts';
import type { ComposedDefinition } from './task-definition.ts';

/** One row of `task_definition`. */
export interface TaskDefinitionRow {
  readonly family: string;
  readonly region: string;
  readonly cluster: string;
  readonly contentHash: string;
  readonly arn: string;
  readonly revision: number;
  readonly definition: unknown;
}

export interface TaskDefinitionKey {
  readonly family: string;
  readonly region: string;
  readonly cluster: string;
  readonly contentHash: string;
}

interface TaskDefinitionRegistryDeps {
  readonly findByHash: (key: TaskDefinitionKey) => Promise<{ readonly arn: string } | null>;
  readonly save: (row: TaskDefinitionRow) => Promise<void>;
  /** Deletes rows with this ARN, so that the next launch registers the definition again. */
  readonly remove: (arn: string) => Promise<void>;
  /** Runs `work` while no other node registers this family. Without it only this node takes care. */
  readonly exclusively?: <T>(family: string, work: () => Promise<T>) => Promise<T>;
  readonly register: (
    definition: ComposedDefinition['definition'],
  ) => Promise<{ readonly arn: string; readonly revision: number }>;
  readonly log: Logger;
}

interface TaskDefinitionRegistry {
  /** Returns the exact revision with this content, and registers it when there is none. */
  pin(composed: ComposedDefinition): Promise<PinnedDefinition>;
  forget(arn: string): Promise<void>;
}

export function createTaskDefinitionRegistry(deps: TaskDefinitionRegistryDeps): TaskDefinitionRegistry {
  const inFlight = new Map<string, Promise<string>>();
  const exclusively = deps.exclusively ?? ((_family, work) => work());

  async function registered(composed: ComposedDefinition): Promise<string> {
    const known = await deps.findByHash(composed);
    if (known) return known.arn;
    return exclusively(composed.family, async () => {
      // Another node may have registered it while this one waited.
      const meanwhile = await deps.findByHash(composed);
      if (meanwhile) return meanwhile.arn;
      const { arn, revision } = await deps.register(composed.definition);
      const { family, region, cluster, contentHash, definition } = composed;
      await deps.save({ family, region, cluster, contentHash, definition, arn, revision });
      deps.log.info({ family: composed.family, revision }, 'task definition registered');
      return arn;
    });
  }

  /** ECS grants one registration a second, so a hundred launches at once must make one call. */
  function once(composed: ComposedDefinition): Promise<string> {
    const key = [composed.region, composed.cluster, composed.family, composed.contentHash].join(' ');
    const flight = inFlight.get(key) ?? registered(composed).finally(() => inFlight.delete(key));
    inFlight.set(key, flight);
    return flight;
  }

  return {
    pin: async (composed) => ({ arn: await once(composed), containerName: composed.containerName }),
    forget: (arn) => deps.remove(arn),
  };
}
