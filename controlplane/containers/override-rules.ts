import { MIN_CONTAINER_MEMORY } from './container-rules.ts';
import type { DefinitionFinding, JudgedDefinition } from './definition-finding.ts';
import type { LaunchTraits } from './launch-rules.ts';
import { sizeOf } from './task-size.ts';
import { findFargatePairFaults, findStorageFaults, type ContainerSizeOverride, type TaskSize } from './wanted-size.ts';

type ContainerOverride = ContainerSizeOverride & { readonly name?: string | undefined };

/** Returns why ECS would refuse the sizes in the overrides of a RunTask. */
export function findOverrideFaults(
  definition: JudgedDefinition,
  launch: Pick<LaunchTraits, 'kind'>,
  overrides: TaskSize & { readonly containerOverrides: readonly ContainerOverride[] },
): DefinitionFinding[] {
  const { containerOverrides, ...ofTask } = overrides;
  const storageGib = ofTask.ephemeralStorage?.sizeInGiB;
  return [
    ...taskSizeFaults(ofTask),
    ...(launch.kind === 'fargate'
      ? findFargatePairFaults(definition, ofTask, {})
      : findStorageFaults(storageGib === undefined ? {} : { storageGib })),
    ...containerOverrides.flatMap((override, index) =>
      containerFaults(override, index, definition, ofTask.memory ?? definition.memory),
    ),
  ];
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
  whole: string | undefined,
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
  const { memory = 0 } = override;
  if (whole !== undefined && memory > sizeOf(whole)) {
    return refuse('memory', 'Its memory must not exceed the memory of the task.', `Set it to at most ${whole}`);
  }
  const limit = override.memory ?? defined?.memory ?? Infinity;
  const reserved = override.memoryReservation ?? defined?.memoryReservation ?? 0;
  if (limit >= reserved) return [];
  return refuse('memory', "'memory' must be at least 'memoryReservation'.", 'Override both');
}
