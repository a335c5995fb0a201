import { OperationalError } from '../../shared/model/error.ts';
import { sha256Hex } from '../../shared/support/signing.ts';
import type { EcsCluster } from './cluster.ts';
import type { DefinitionSettings } from './definition-schema.ts';
import type { EcsConfig } from './ecs-config.ts';
import type { RunTaskSettings } from './run-task-settings.ts';
import { FAMILY_CHARACTERS, FARGATE_STOP_TIMEOUT_SECONDS } from './quotas.ts';

/** A definition in the form that is compared, registered and stored. */
export interface ComposedDefinition {
  readonly family: string;
  readonly region: string;
  readonly cluster: string;
  /** The input of RegisterTaskDefinition, as plain JSON. */
  readonly definition: DefinitionSettings & { readonly family: string };
  /** Equal hashes are equal definitions, whatever the order of their keys. */
  readonly contentHash: string;
  /** The container whose environment the launch overrides: the first one. */
  readonly containerName: string;
  /** What RunTask is told beside the definition. It is no part of the content: another value registers nothing. */
  readonly runTask: RunTaskSettings;
}

export interface CompositionParts {
  readonly config: EcsConfig;
  /** Kind of task; selects the overrides. */
  readonly kind: string;
  readonly group: string;
  readonly cluster: Pick<EcsCluster, 'region' | 'cluster' | 'launch'>;
  /** The agent's own budget for SIGTERM (config.ini, stop_budget). */
  readonly stopBudgetSeconds: number;
}

// The agent ends within its budget. These seconds are for the container engine to notice.
const STOP_MARGIN_SECONDS = 5;

/** Composes the definition from configuration and cluster. Throws CONFIG_INVALID where the two do not fit together. */
export function composeDefinition(parts: CompositionParts): ComposedDefinition {
  const { runTask = {}, ...settings } = parts.config.settingsFor(parts.kind);
  const { region, cluster } = parts.cluster;
  const family =
    settings.family ??
    familyName([parts.config.naming.namespace, parts.config.naming.customer, parts.group, region, cluster]);
  const definition = { ...withDefaults(settings, parts), family };
  const [build] = definition.containerDefinitions;
  if (!build) throw new Error('the schema asks for at least one container');
  return {
    family,
    region,
    cluster,
    definition,
    contentHash: sha256Hex(canonicalJson(definition)),
    containerName: build.name,
    runTask,
  };
}

/**
 * Returns `WIP_<namespace>_<customer>_<group>_<region>_<cluster>`, reduced to the characters and length that ECS takes.
 */
export function familyName(parts: readonly string[]): string {
  return ['WIP', ...parts]
    .map((part) => part.replace(/[^A-Za-z0-9_-]/g, '-'))
    .join('_')
    .slice(0, FAMILY_CHARACTERS);
}

function withDefaults(settings: DefinitionSettings, parts: CompositionParts): DefinitionSettings {
  const isFargate = parts.cluster.launch.type === 'fargate';
  if (isFargate && settings.networkMode !== 'awsvpc') {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `The cluster ${parts.cluster.cluster} launches on Fargate and the task definition has the network mode ${settings.networkMode ?? 'bridge'}`,
      remedy: 'Set default.networkMode to awsvpc, and cpu and memory of the whole task, in config.ecs.yml',
    });
  }
  const containers = settings.containerDefinitions.map((container, index) =>
    index === 0 ? asBuildContainer(container, parts.stopBudgetSeconds, isFargate) : container,
  );
  return {
    ...settings,
    containerDefinitions: containers,
    requiresCompatibilities: settings.requiresCompatibilities ?? [isFargate ? 'FARGATE' : 'EC2'],
  };
}

type Container = DefinitionSettings['containerDefinitions'][number];

function asBuildContainer(container: Container, stopBudgetSeconds: number, isFargate: boolean): Container {
  const least = stopBudgetSeconds + STOP_MARGIN_SECONDS;
  const stopTimeout = container.stopTimeout ?? Math.max(60, least);
  const most = isFargate ? FARGATE_STOP_TIMEOUT_SECONDS : Infinity;
  if (stopTimeout < least || stopTimeout > most) {
    throw new OperationalError('CONFIG_INVALID', {
      happened: `The stopTimeout of the container ${container.name} is ${stopTimeout} s; the agent's stop_budget of ${stopBudgetSeconds} s needs at least ${least} s${isFargate ? ` and Fargate gives at most ${most} s` : ''}`,
      remedy: 'Correct stopTimeout in config.ecs.yml, or stop_budget in config.ini',
    });
  }
  return {
    ...container,
    essential: true,
    stopTimeout,
    // Without an init the agent would be PID 1 and refuse to start, because no process would reap what builds leave
    // behind.
    linuxParameters: { initProcessEnabled: true, ...container.linuxParameters },
  };
}

/** Returns JSON with sorted keys, so that equal contents give equal texts. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
