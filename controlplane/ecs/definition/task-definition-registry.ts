import type { Logger } from '../../../shared/system/logger.ts';
import type { PinnedDefinition } from './pinned-definition.ts';
import type { ComposedDefinition } from './task-definition.ts';

/** Where definitions are registered. A name and a revision mean something in one account at one address only. */
interface RegistryScope {
  /** Empty: Amazon's. */
  readonly endpoint: string;
  /** cluster-location.ts: callerOf. */
  readonly caller: string;
}

export interface TaskDefinitionKey extends RegistryScope {
  readonly family: string;
  readonly region: string;
  readonly cluster: string;
  readonly contentHash: string;
}

/** One row of `definition_revision`. */
export interface TaskDefinitionRow extends TaskDefinitionKey {
  readonly arn: string;
  readonly revision: number;
  readonly definition: unknown;
}

interface TaskDefinitionRegistryDeps {
  readonly scope: RegistryScope;
  /** Finds a revision that may be launched, and notes that it is used. */
  readonly findByHash: (key: TaskDefinitionKey) => Promise<{ readonly arn: string } | null>;
  readonly save: (row: TaskDefinitionRow) => Promise<void>;
  /** Deletes the row with this ARN, so that the next launch registers the definition again. */
  readonly remove: (scope: RegistryScope, arn: string) => Promise<void>;
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

  async function registered({ family, region, cluster, contentHash, definition }: ComposedDefinition): Promise<string> {
    const key = { ...deps.scope, family, region, cluster, contentHash };
    const known = await deps.findByHash(key);
    if (known) return known.arn;
    return exclusively(family, async () => {
      // Another node may have registered it while this one waited.
      const meanwhile = await deps.findByHash(key);
      if (meanwhile) return meanwhile.arn;
      const { arn, revision } = await deps.register(definition);
      await deps.save({ ...key, definition, arn, revision });
      deps.log.info({ family, revision, ...howItEnds(definition) }, 'task definition registered');
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
    pin: async (composed) => {
      const { containerName, isLegacy, runTask, containerSize } = composed;
      return { arn: await once(composed), containerName, isLegacy, runTask, containerSize };
    },
    forget: (arn) => deps.remove(deps.scope, arn),
  };
}

/** How a container of this definition ends is in the log, because nobody looks for it before it matters. */
function howItEnds({ containerDefinitions: [build] }: ComposedDefinition['definition']): Record<string, unknown> {
  const hasInit = build?.linuxParameters?.initProcessEnabled === true;
  return { stopTimeoutSeconds: build?.stopTimeout, hasInit };
}
