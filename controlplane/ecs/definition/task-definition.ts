import { OperationalError } from '../../../shared/model/error.ts';
import { sha256Hex } from '../../../shared/keys/signing.ts';
import type { DefinitionFinding } from '../../containers/rules/definition-finding.ts';
import { findDefinitionFaults } from '../../containers/rules/definition-rules.ts';
import { findLegacyFaults } from '../../containers/rules/legacy-rules.ts';
import { findExecuteCommandFaults, findLaunchFaults } from '../../containers/rules/launch-rules.ts';
import { sizeOf } from '../../containers/rules/task-size.ts';
import { decideSize, type ContainerSizeOverride, type WantedSize } from '../../containers/rules/wanted-size.ts';
import type { LaunchedThere } from '../examine/cluster-finding.ts';
import { launchTraits, type EcsCluster } from '../config/cluster.ts';
import type { DefinitionSettings } from './definition-schema.ts';
import type { EcsConfig } from '../config/ecs-config.ts';
import type { RunTaskSettings } from '../config/run-task-settings.ts';
import { FAMILY_CHARACTERS } from '../client/quotas.ts';

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
  /** Whether its image has no agent. It is no part of the content either. */
  readonly isLegacy: boolean;
  /** Sizes of that container at this launch, where a task wants other ones than the definition has. */
  readonly containerSize: ContainerSizeOverride;
}

export interface CompositionParts {
  readonly config: EcsConfig;
  /** Kind of task; selects the overrides. */
  readonly kind: string;
  readonly group: string;
  readonly cluster: Pick<EcsCluster, 'name' | 'region' | 'cluster' | 'launch'>;
  /** The agent's own budget for SIGTERM (config.ini, stop_budget). */
  readonly stopBudgetSeconds: number;
  /** What the options of a single task ask for. */
  readonly wantedSize?: WantedSize;
}

// The agent ends within its budget. These seconds are for the container engine to notice.
const STOP_MARGIN_SECONDS = 5;

/** Composes the definition from configuration and cluster. Throws CONFIG_INVALID where the two do not fit together. */
export function composeDefinition(parts: CompositionParts): ComposedDefinition {
  const composed = compose(parts);
  const conflicts = launchConflictsOf(composed, parts);
  const [last, ...before] = conflicts.toReversed();
  if (!last) return composed;
  const what = `${parts.kind} cannot be launched into the cluster "${parts.cluster.name}" (${launchTraits(parts.cluster.launch).kind})`;
  // Each conflict has a remedy of its own behind it; that of the last one is the remedy of the message.
  throw new OperationalError('CONFIG_INVALID', {
    happened: `${what}: ${[...before.toReversed().map(launchConflictText), launchConflictSentence(last)].join(' ')}`,
    remedy: withoutStop(last.remedy),
  });
}

/** Something in the configuration with which nothing can be launched into a cluster. */
export interface LaunchConflict extends DefinitionFinding {
  /** File and line, or a variable. */
  readonly where: string;
}

/** Returns everything that keeps any kind of task from being launched into a cluster, each once. */
export function findLaunchConflictsOfAll(
  parts: Omit<CompositionParts, 'kind' | 'group' | 'wantedSize'>,
): LaunchConflict[] {
  const kinds = ['', ...parts.config.kinds];
  const found = kinds.flatMap((kind) => {
    const ofKind = { ...parts, kind, group: '' };
    return launchConflictsOf(compose(ofKind), ofKind);
  });
  return [...new Map(found.map((conflict) => [launchConflictText(conflict), conflict])).values()];
}

/** Returns what the kinds of task would launch into a cluster, for `wipctl ecs check`. */
export function listLaunched(parts: Omit<CompositionParts, 'kind' | 'group' | 'wantedSize'>): LaunchedThere {
  const composed = ['', ...parts.config.kinds].map((kind) => compose({ ...parts, kind, group: '' }).definition);
  const containers = composed.flatMap(({ containerDefinitions }) => containerDefinitions);
  const memories = composed.map(placedMemory).filter((memory) => memory > 0);
  return {
    images: [...new Set(containers.map(({ image }) => image))],
    hasRoles: composed.some(({ taskRoleArn, executionRoleArn }) => taskRoleArn ?? executionRoleArn),
    memory: memories.length === 0 ? null : Math.max(...memories),
  };
}

/** Returns the MiB that a machine must have left for a task: its own, else what its containers reserve together. */
function placedMemory({ memory: ofTask, containerDefinitions }: DefinitionSettings): number {
  if (ofTask !== undefined) return sizeOf(ofTask);
  return containerDefinitions.reduce(
    (sum, { memory, memoryReservation }) => sum + (memoryReservation ?? memory ?? 0),
    0,
  );
}

export function launchConflictText(conflict: LaunchConflict): string {
  return `${launchConflictSentence(conflict)}. ${withoutStop(conflict.remedy)}.`;
}

function launchConflictSentence({ where, path, sentence }: LaunchConflict): string {
  return `${where}, ${path.join('.') || 'the whole definition'}: ${withoutStop(sentence)}`;
}

function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}

/** Returns why a launch cannot have the sizes that a task wants. Paths begin with the name of an option. */
export function findSizeFaults(parts: CompositionParts): readonly DefinitionFinding[] {
  return sizeOfLaunch(compose(parts).definition, parts).faults.filter(isOfOptions);
}

function isOfOptions({ path }: DefinitionFinding): boolean {
  return path[0] !== 'runTask';
}

function launchConflictsOf(
  { definition, runTask, isLegacy }: ComposedDefinition,
  parts: CompositionParts,
): LaunchConflict[] {
  const { kind, cluster, config } = parts;
  const launch = launchTraits(cluster.launch);
  const found = [
    ...stopTimeoutFaults(definition, parts.stopBudgetSeconds),
    ...findDefinitionFaults(definition),
    ...findLaunchFaults(definition, launch, runTask),
    ...findExecuteCommandFaults(definition, launch, runTask),
    ...(isLegacy ? findLegacyFaults(definition) : []),
  ];
  const ofSize = sizeOfLaunch(definition, parts).faults;
  const located = [...found, ...ofSize.filter((fault) => !isOfOptions(fault))].map((finding) => ({
    ...finding,
    where: config.locate({ kind, cluster: cluster.name }, finding.path),
  }));
  return [...located, ...ofSize.filter(isOfOptions).map((fault) => ({ ...fault, where: 'the options of the task' }))];
}

function sizeOfLaunch(definition: DefinitionSettings, { config, kind, cluster, wantedSize = {} }: CompositionParts) {
  const configured = config.settingsFor({ kind, cluster: cluster.name }).runTask?.overrides;
  return decideSize({ definition, launch: launchTraits(cluster.launch), configured, wanted: wantedSize });
}

function compose(parts: CompositionParts): ComposedDefinition {
  const {
    runTask = {},
    legacy = false,
    ...settings
  } = parts.config.settingsFor({ kind: parts.kind, cluster: parts.cluster.name });
  const { region, cluster } = parts.cluster;
  const family =
    settings.family ??
    familyName([parts.config.naming.namespace, parts.config.naming.customer, parts.group, region, cluster]);
  const definition = { ...withDefaults(settings, parts), family };
  const [build] = definition.containerDefinitions;
  if (!build) throw new Error('the schema asks for at least one container');
  const { ofTask, ofContainer } = sizeOfLaunch(definition, parts);
  return {
    family,
    region,
    cluster,
    definition,
    contentHash: sha256Hex(canonicalJson(definition)),
    containerName: build.name,
    isLegacy: legacy,
    runTask: Object.keys(ofTask).length === 0 ? runTask : { ...runTask, overrides: ofTask },
    containerSize: ofContainer,
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
  const { kind } = launchTraits(parts.cluster.launch);
  const containers = settings.containerDefinitions.map((container, index) =>
    index === 0 ? asBuildContainer(container, parts.stopBudgetSeconds) : container,
  );
  return {
    ...settings,
    containerDefinitions: containers,
    requiresCompatibilities: settings.requiresCompatibilities ?? [kind === 'fargate' ? 'FARGATE' : 'EC2'],
  };
}

type Container = DefinitionSettings['containerDefinitions'][number];

function asBuildContainer(container: Container, stopBudgetSeconds: number): Container {
  return {
    ...container,
    essential: true,
    stopTimeout: container.stopTimeout ?? Math.max(60, stopBudgetSeconds + STOP_MARGIN_SECONDS),
    // Without an init the agent would be PID 1 and refuse to start, because no process would reap what builds leave
    // behind.
    linuxParameters: { initProcessEnabled: true, ...container.linuxParameters },
  };
}

function stopTimeoutFaults(
  { containerDefinitions }: DefinitionSettings,
  stopBudgetSeconds: number,
): DefinitionFinding[] {
  const least = stopBudgetSeconds + STOP_MARGIN_SECONDS;
  const { name, stopTimeout = 0 } = containerDefinitions[0] ?? { name: '' };
  if (stopTimeout >= least) return [];
  return [
    {
      path: ['containerDefinitions', 0, 'stopTimeout'],
      sentence: `The stopTimeout of the container ${name} is ${stopTimeout} s, and the agent's stop_budget of ${stopBudgetSeconds} s needs at least ${least} s.`,
      remedy: `Set it to ${least} at least, or lower stop_budget in config.ini`,
    },
  ];
}

/** Returns JSON with sorted keys, so that equal contents give equal texts. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
