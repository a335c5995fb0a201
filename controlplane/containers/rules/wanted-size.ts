import type { DefinitionFinding, JudgedContainer, JudgedDefinition } from './definition-finding.ts';
import { findFargateSizeFaults } from './fargate-rules.ts';
import type { LaunchTraits } from './launch-rules.ts';

/** What a single task wants instead of the sizes that its definition has. */
export interface WantedSize {
  /** Units of cpu, 1,024 of a vCPU. */
  readonly cpu?: number | undefined;
  readonly memoryMib?: number | undefined;
  /** Disk of a task on Fargate. */
  readonly storageGib?: number | undefined;
}

/** The options of a task that set its wanted size, as they are named in findings. */
const OPTION_NAMES = { cpu: 'containerCpu', memory: 'containerMemory', storage: 'containerStorage' } as const;

/** Sizes in the `overrides` of RunTask, which count instead of those of the definition. */
export interface TaskSize {
  readonly cpu?: string | undefined;
  readonly memory?: string | undefined;
  readonly ephemeralStorage?: { readonly sizeInGiB: number } | undefined;
}

/** Sizes in the override of the build's container. */
export interface ContainerSizeOverride {
  readonly cpu?: number | undefined;
  readonly memory?: number | undefined;
  readonly memoryReservation?: number | undefined;
}

export interface DecidedSize {
  readonly ofTask: TaskSize;
  readonly ofContainer: ContainerSizeOverride;
  /** Paths begin with the name of an option, or with runTask for what is configured. */
  readonly faults: readonly DefinitionFinding[];
}

interface SizeParts {
  readonly definition: JudgedDefinition;
  readonly launch: Pick<LaunchTraits, 'kind'>;
  /** What config.ecs.yml overrides at each launch (runTask.overrides). */
  readonly configured?: TaskSize | undefined;
  readonly wanted: WantedSize;
}

/**
 * Returns the overrides of one launch. A size of the whole task is overridden where the task has one, always on Fargate;
 * the build's container then gets what the other containers leave of it. On machines without a size of the whole task
 * the wanted size is that of the build's container.
 */
export function decideSize({ definition, launch, configured = {}, wanted }: SizeParts): DecidedSize {
  const isFargate = launch.kind === 'fargate';
  const [build, ...others] = definition.containerDefinitions;
  if (!build) return { ofTask: configured, ofContainer: {}, faults: [] };
  const cpu = sizeCpu(wanted.cpu, isFargate || (configured.cpu ?? definition.cpu) !== undefined, build, others);
  const memory = sizeMemory(
    wanted.memoryMib,
    isFargate || (configured.memory ?? definition.memory) !== undefined,
    build,
    others,
  );
  const storage = wanted.storageGib === undefined ? {} : { ephemeralStorage: { sizeInGiB: wanted.storageGib } };
  const ofTask = { ...configured, ...cpu.ofTask, ...memory.ofTask, ...storage };
  const ofContainer = { ...cpu.ofContainer, ...memory.ofContainer };
  const faults = [
    ...restFaults(ofContainer),
    ...(isFargate ? findFargatePairFaults(definition, ofTask, wanted) : findStorageFaults(wanted)),
  ];
  return { ofTask, ofContainer, faults };
}

function sizeCpu(
  wanted: number | undefined,
  isOfTask: boolean,
  build: JudgedContainer,
  others: readonly JudgedContainer[],
) {
  if (wanted === undefined) return {};
  if (!isOfTask) return { ofContainer: { cpu: wanted } };
  const ofTask = { cpu: String(wanted) };
  // 0 takes what is free of the task, so a container without a size of its own needs none.
  return (build.cpu ?? 0) === 0
    ? { ofTask }
    : { ofTask, ofContainer: { cpu: wanted - sum(others.map(({ cpu }) => cpu)) } };
}

function sizeMemory(
  wanted: number | undefined,
  isOfTask: boolean,
  { memory, memoryReservation: reserved }: JudgedContainer,
  others: readonly JudgedContainer[],
) {
  if (wanted === undefined) return {};
  if (!isOfTask) return { ofContainer: memoryOverride(wanted, memory, reserved) };
  const ofTask = { memory: String(wanted) };
  if (memory === undefined && reserved === undefined) return { ofTask };
  const rest = wanted - sum(others.map((other) => other.memory ?? other.memoryReservation));
  return { ofTask, ofContainer: memoryOverride(rest, memory, reserved) };
}

/** A reservation above the limit would be refused, and one that stands alone is what placement counts. */
function memoryOverride(size: number, memory: number | undefined, reserved: number | undefined): ContainerSizeOverride {
  if (reserved === undefined) return { memory: size };
  return { memory: size, memoryReservation: memory === undefined ? size : Math.min(reserved, size) };
}

function sum(sizes: readonly (number | undefined)[]): number {
  return sizes.reduce<number>((total, size) => total + (size ?? 0), 0);
}

function restFaults({ cpu = 1, memory = 1 }: ContainerSizeOverride): DefinitionFinding[] {
  const names = [...(cpu < 1 ? (['cpu'] as const) : []), ...(memory < 1 ? (['memory'] as const) : [])];
  return names.map((name) => ({
    path: [OPTION_NAMES[name]],
    sentence: `The other containers of the task need all of this ${name}.`,
    remedy: 'Ask for more',
  }));
}

export function findStorageFaults({ storageGib }: Pick<WantedSize, 'storageGib'>): DefinitionFinding[] {
  if (storageGib === undefined) return [];
  const sentence = 'Ephemeral storage can be chosen on Fargate only; on machines a build uses the disk of its machine.';
  return [{ path: [OPTION_NAMES.storage], sentence, remedy: 'Leave it out, or choose a cluster on Fargate' }];
}

/** The definition alone was checked before. Here overrides may have made a pair that Fargate does not have. */
export function findFargatePairFaults(
  definition: JudgedDefinition,
  ofTask: TaskSize,
  wanted: WantedSize,
): DefinitionFinding[] {
  if (ofTask.cpu === undefined && ofTask.memory === undefined) return [];
  const cpu = ofTask.cpu ?? definition.cpu;
  const memory = ofTask.memory ?? definition.memory;
  const isSizeWanted = wanted.cpu !== undefined || wanted.memoryMib !== undefined;
  return findFargateSizeFaults({ cpu, memory }).map(({ path, sentence, remedy }) => {
    const name = path[0] === 'cpu' ? 'cpu' : 'memory';
    const asked = `cpu ${cpu ?? 'none'} and memory ${memory ?? 'none'}`;
    return {
      path: isSizeWanted ? [OPTION_NAMES[name]] : ['runTask', 'overrides', name],
      sentence: `${sentence.replace(/\.$/, '')} (${asked}).`,
      remedy,
    };
  });
}
