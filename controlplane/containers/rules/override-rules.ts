import { MIN_CONTAINER_MEMORY } from './container-rules.ts';
import type { DefinitionFinding, JudgedContainer, JudgedDefinition } from './definition-finding.ts';
import { EC2_CPU } from './definition-rules.ts';
import { findFargateStorageFaults } from './fargate-rules.ts';
import type { LaunchTraits } from './launch-rules.ts';
import { sizeOf } from './task-size.ts';
import { findVariableFaults } from './variable-rules.ts';
import { findFargatePairFaults, findStorageFaults, type ContainerSizeOverride, type TaskSize } from './wanted-size.ts';

type ContainerOverride = ContainerSizeOverride & {
  readonly name?: string | undefined;
  readonly environment?: JudgedContainer['environment'];
};

/** Returns why ECS would refuse the sizes and the variables in the overrides of a RunTask. */
export function findOverrideFaults(
  definition: JudgedDefinition,
  launch: Pick<LaunchTraits, 'kind'>,
  overrides: TaskSize & { readonly containerOverrides: readonly ContainerOverride[] },
): DefinitionFinding[] {
  const { containerOverrides, ...ofTask } = overrides;
  const storageGib = ofTask.ephemeralStorage?.sizeInGiB;
  const faults = [
    ...taskSizeFaults(ofTask),
    ...(launch.kind === 'fargate'
      ? [...findFargatePairFaults(definition, ofTask, {}), ...findFargateStorageFaults(ofTask).map(inOverrides)]
      : [...machineCpuFaults(ofTask), ...findStorageFaults(storageGib === undefined ? {} : { storageGib })]),
    ...containerOverrides.flatMap((override, index) => [
      ...containerFaults(override, index, definition),
      ...findVariableFaults(override, ['overrides', 'containerOverrides', index]),
    ]),
  ];
  return faults.length > 0 ? faults : fitFaults(definition, ofTask, containerOverrides);
}

function inOverrides(finding: DefinitionFinding): DefinitionFinding {
  return { ...finding, path: ['overrides', ...finding.path] };
}

function machineCpuFaults({ cpu }: TaskSize): DefinitionFinding[] {
  const { least, most } = EC2_CPU;
  // A text that is no size at all is refused elsewhere.
  if (cpu === undefined || !(sizeOf(cpu) > 0) || (sizeOf(cpu) >= least && sizeOf(cpu) <= most)) return [];
  const sentence = "Invalid 'cpu' setting for task.";
  return [{ path: ['overrides', 'cpu'], sentence, remedy: `Set cpu from ${least} to ${most}` }];
}

/** Checks whether the containers fit into the task, with all sizes as they are after the overrides. */
function fitFaults(
  definition: JudgedDefinition,
  ofTask: TaskSize,
  overrides: readonly ContainerOverride[],
): DefinitionFinding[] {
  const containers = definition.containerDefinitions.map((container) => {
    return sizesAfter(container, overrides.find(({ name }) => name === container.name) ?? {});
  });
  const whole = (text: string | undefined): number => (text === undefined ? Infinity : sizeOf(text));
  const cpu = whole(ofTask.cpu ?? definition.cpu);
  const memory = whole(ofTask.memory ?? definition.memory);
  const refuse = (name: 'cpu' | 'memory', sentence: string): DefinitionFinding[] => [
    { path: ['overrides', name], sentence, remedy: `Raise ${name} of the task, or lower that of its containers` },
  ];
  const wantedCpu = sum(containers.map((container) => container.cpu));
  if (wantedCpu > cpu)
    return refuse('cpu', `The cpu of all containers is ${wantedCpu}, and that of the task is ${cpu}.`);
  const large = containers.find((container) => (container.memory ?? 0) > memory);
  if (large) {
    const sentence = `Invalid setting for container '${large.name ?? ''}'. Its memory must not exceed the memory of the task.`;
    return refuse('memory', sentence);
  }
  const wantedMemory = sum(containers.map((container) => container.memoryReservation ?? container.memory));
  if (wantedMemory <= memory) return [];
  return refuse('memory', `The memory of all containers is ${wantedMemory}, and that of the task is ${memory}.`);
}

function sizesAfter({ name, ...defined }: JudgedContainer, override: ContainerSizeOverride) {
  return {
    name,
    cpu: override.cpu ?? defined.cpu,
    memory: override.memory ?? defined.memory,
    memoryReservation: override.memoryReservation ?? defined.memoryReservation,
  };
}

function sum(sizes: readonly (number | undefined)[]): number {
  return sizes.reduce<number>((total, size) => total + (size ?? 0), 0);
}

function taskSizeFaults(ofTask: TaskSize): DefinitionFinding[] {
  return (['cpu', 'memory'] as const).flatMap((name) => {
    const text = ofTask[name];
    if (text === undefined) return [];
    const size = sizeOf(text);
    if (Number.isInteger(size) && size > 0) return [];
    const sentence = `Invalid '${name}' setting for task.`;
    return [{ path: ['overrides', name], sentence, remedy: 'Write it as a number in quotes, such as "1024"' }];
  });
}

function containerFaults(
  override: ContainerOverride,
  index: number,
  definition: JudgedDefinition,
): DefinitionFinding[] {
  const { name = '' } = override;
  const defined = definition.containerDefinitions.find((container) => container.name === name);
  const invalid = `Invalid setting for container '${name}'.`;
  const refuse = (member: string, sentence: string, remedy: string): DefinitionFinding[] => [
    { path: ['overrides', 'containerOverrides', index, member], sentence: `${invalid} ${sentence}`, remedy },
  ];
  if ((override.cpu ?? 0) < 0) return refuse('cpu', "'cpu' must not be negative.", 'Set it to 0 or more');
  const least = MIN_CONTAINER_MEMORY;
  if ((override.memory ?? least) < least || (override.memoryReservation ?? least) < least) {
    return refuse('memory', `The memory must be at least ${least} MiB.`, 'Set more memory');
  }
  const limit = override.memory ?? defined?.memory ?? Infinity;
  const reserved = override.memoryReservation ?? defined?.memoryReservation ?? 0;
  if (limit >= reserved) return [];
  return refuse('memory', "'memory' must be at least 'memoryReservation'.", 'Override both');
}
