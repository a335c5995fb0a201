import type { DefinitionFinding, JudgedContainer, JudgedDefinition } from './definition-finding.ts';
import { findHealthFaults } from './health-rules.ts';
import { findLinuxFaults } from './linux-rules.ts';
import { findLogFaults } from './log-rules.ts';
import { findPathFaults } from './path-rules.ts';
import { findPortFaults } from './port-rules.ts';
import { findSystemControlFaults } from './system-control-rules.ts';
import { sizeOf } from './task-size.ts';
import { findSecretFaults, findVariableFaults } from './variable-rules.ts';

/** "Task definition parameters": the smallest memory of a container, in MiB. */
export const MIN_CONTAINER_MEMORY = 6;
/** "ContainerDefinition": what a name and an image may hold; @ stands before a digest. */
const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const IMAGE = /^[A-Za-z0-9_\-:./#@]{1,255}$/;

/** Returns everything for which ECS would refuse one container of a definition, wherever it is launched. */
export function findContainerFaults(
  container: JudgedContainer,
  index: number,
  definition: JudgedDefinition,
): DefinitionFinding[] {
  const at = ['containerDefinitions', index];
  return [
    ...textFaults(container, at),
    ...cpuFaults(container, at),
    ...memoryFaults(container, at, definition),
    ...mountFaults(container, at, definition),
    ...findPathFaults(container, at, definition),
    ...findVariableFaults(container, at),
    ...findSecretFaults(container, at),
    ...findSystemControlFaults(container, at, definition),
    ...findPortFaults(container, at, definition),
    ...roleFaults(container, at, definition),
    ...findHealthFaults(container, at),
    ...findLinuxFaults(container, at),
    ...findLogFaults(
      container,
      at,
      definition.requiresCompatibilities?.includes('FARGATE') ? 'for-fargate' : 'for-machines',
    ),
  ];
}

function textFaults({ name, image }: JudgedContainer, at: DefinitionFinding['path']): DefinitionFinding[] {
  const check = (key: 'name' | 'image', value: string | undefined, allowed: RegExp, lacking: string, words: string) => {
    if (value === undefined || value === '') {
      return [{ path: [...at, key], sentence: `Container.${key} should not be null or empty.`, remedy: lacking }];
    }
    if (allowed.test(value)) return [];
    return [{ path: [...at, key], sentence: `Container.${key} contains invalid characters.`, remedy: words }];
  };
  return [
    ...check('name', name, NAME, 'Name it', 'Use letters, digits, - and _, 255 at most'),
    ...check('image', image, IMAGE, 'Name an image', 'Use letters, digits and - _ : . / # @, 255 at most'),
  ];
}

function cpuFaults({ name = '', cpu = 0 }: JudgedContainer, at: DefinitionFinding['path']): DefinitionFinding[] {
  if (cpu >= 0) return [];
  const sentence = `Invalid setting for container '${name}'. 'cpu' must not be negative.`;
  return [{ path: [...at, 'cpu'], sentence, remedy: 'Set it to 0, which takes what is free, or to more' }];
}

/** What ECS itself does before a container starts, it does with the execution role. */
function roleFaults(
  { secrets, logConfiguration }: JudgedContainer,
  at: DefinitionFinding['path'],
  { executionRoleArn, requiresCompatibilities = [] }: JudgedDefinition,
): DefinitionFinding[] {
  if (executionRoleArn !== undefined) return [];
  const remedy = 'Set executionRoleArn of the definition';
  if (secrets !== undefined && secrets.length > 0) {
    const sentence = "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.";
    return [{ path: [...at, 'secrets'], sentence, remedy }];
  }
  if (logConfiguration?.logDriver !== 'awslogs' || !requiresCompatibilities.includes('FARGATE')) return [];
  const sentence = 'Fargate requires task definition to have execution role ARN to support log driver awslogs.';
  return [{ path: [...at, 'logConfiguration', 'logDriver'], sentence, remedy }];
}

function memoryFaults(
  container: JudgedContainer,
  at: DefinitionFinding['path'],
  definition: JudgedDefinition,
): DefinitionFinding[] {
  const { name = '', memory, memoryReservation } = container;
  const invalid = `Invalid setting for container '${name}'.`;
  const path = [...at, 'memory'];
  if (memory === undefined && memoryReservation === undefined) {
    if (definition.memory !== undefined) return [];
    const sentence = `${invalid} At least one of 'memory' or 'memoryReservation' must be specified.`;
    return [{ path, sentence, remedy: 'Set memory (MiB)' }];
  }
  if ([memory, memoryReservation].some((size) => size !== undefined && size < MIN_CONTAINER_MEMORY)) {
    return [
      {
        path,
        sentence: `${invalid} The memory must be at least ${MIN_CONTAINER_MEMORY} MiB.`,
        remedy: 'Set more memory',
      },
    ];
  }
  if (memory !== undefined && memoryReservation !== undefined && memory < memoryReservation) {
    const sentence = `${invalid} 'memory' must be at least 'memoryReservation'.`;
    return [{ path, sentence, remedy: 'Set memoryReservation to no more than memory' }];
  }
  const whole = definition.memory === undefined ? Infinity : sizeOf(definition.memory);
  if ((memory ?? 0) > whole || (memoryReservation ?? 0) > whole) {
    const sentence = `${invalid} Its memory must not exceed the memory of the task.`;
    return [{ path, sentence, remedy: `Set it to at most ${whole} MiB, or raise the memory of the task` }];
  }
  return [];
}

function mountFaults(
  { mountPoints = [] }: JudgedContainer,
  at: DefinitionFinding['path'],
  definition: JudgedDefinition,
): DefinitionFinding[] {
  const volumes = new Set(definition.volumes?.map((volume) => volume.name));
  return mountPoints.flatMap(({ sourceVolume, containerPath }, index): DefinitionFinding[] => {
    const path = [...at, 'mountPoints', index];
    if (!volumes.has(sourceVolume)) {
      const sentence = `Unknown volume '${sourceVolume ?? ''}'.`;
      const remedy = 'Remove the mount point (mountPoints: [], or null in its place), or define the volume';
      return [{ path: [...path, 'sourceVolume'], sentence, remedy }];
    }
    if (containerPath !== undefined && containerPath !== '') return [];
    const sentence = 'MountPoint.containerPath should not be null or empty.';
    return [{ path: [...path, 'containerPath'], sentence, remedy: 'Say where the volume is mounted' }];
  });
}
