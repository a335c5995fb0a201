import {
  isAskedFor,
  type DefinitionFinding,
  type JudgedContainer,
  type JudgedDefinition,
} from './definition-finding.ts';
import { findFargateFaults } from './fargate-rules.ts';
import { sizeOf } from './task-size.ts';

// What RegisterTaskDefinition refuses, with its sentences where they are public. One decider for two: the control plane
// asks before anything is registered, and local ECS refuses with the same rules, so that a definition that it takes is one
// that ECS takes.

/** "Amazon ECS service quotas": containers of a task definition, and its size. */
const MAX_CONTAINERS = 10;
const MAX_BYTES = 64 * 1024;
/** "Task definition parameters": the smallest memory of a container, in MiB. */
const MIN_MEMORY = 6;

/** Returns everything for which ECS would refuse to register this definition. */
export function findDefinitionFaults(definition: JudgedDefinition): DefinitionFinding[] {
  return [
    ...wholeFaults(definition),
    ...definition.containerDefinitions.flatMap((container, index) => containerFaults(container, index, definition)),
    ...(definition.requiresCompatibilities?.includes('FARGATE')
      ? findFargateFaults(definition)
      : ec2Faults(definition)),
  ];
}

function wholeFaults(definition: JudgedDefinition): DefinitionFinding[] {
  const { containerDefinitions: containers } = definition;
  const found: DefinitionFinding[] = [];
  const refuse = (path: DefinitionFinding['path'], sentence: string, remedy: string): void =>
    void found.push({ path, sentence, remedy });
  const at = ['containerDefinitions'];
  if (containers.length === 0) refuse(at, 'Container definitions should not be empty.', 'Define a container');
  if (containers.length > MAX_CONTAINERS) {
    refuse(at, `Too many containers. The maximum is ${MAX_CONTAINERS}.`, 'Define fewer containers');
  }
  if (utf8Length(JSON.stringify(definition)) > MAX_BYTES) {
    refuse([], 'Actual length of the task definition exceeds the maximum of 64 KiB.', 'Make it shorter');
  }
  for (const name of ['cpu', 'memory'] as const) {
    const size = definition[name];
    if (size !== undefined && Number.isNaN(sizeOf(size))) {
      refuse([name], `Invalid '${name}' setting for task.`, `Write ${name} as a number in quotes, such as "1024"`);
    }
  }
  const names = containers.map(({ name }) => name);
  const twice = names.findIndex((name, index) => name !== undefined && names.indexOf(name) !== index);
  if (twice >= 0) {
    const sentence = `Container names must be unique. "${names[twice] ?? ''}" stands there twice.`;
    refuse([...at, twice, 'name'], sentence, 'Give each container a name of its own');
  }
  if (containers.length > 0 && !containers.some(({ essential }) => essential !== false)) {
    refuse(at, 'At least one container must be essential.', 'Make the build container essential');
  }
  return found;
}

function containerFaults(container: JudgedContainer, index: number, definition: JudgedDefinition): DefinitionFinding[] {
  const at = ['containerDefinitions', index];
  const { name, image } = container;
  return [
    ...(name
      ? []
      : [{ path: [...at, 'name'], sentence: 'Container.name should not be null or empty.', remedy: 'Name it' }]),
    ...(image
      ? []
      : [
          { path: [...at, 'image'], sentence: 'Container.image should not be null or empty.', remedy: 'Name an image' },
        ]),
    ...memoryFaults(container, at, definition),
    ...mountFaults(container, at, definition),
    ...portFaults(container, at, definition),
  ];
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
  if ([memory, memoryReservation].some((size) => size !== undefined && size < MIN_MEMORY)) {
    return [{ path, sentence: `${invalid} The memory must be at least ${MIN_MEMORY} MiB.`, remedy: 'Set more memory' }];
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
  return mountPoints.flatMap(({ sourceVolume }, index) =>
    volumes.has(sourceVolume)
      ? []
      : [
          {
            path: [...at, 'mountPoints', index, 'sourceVolume'],
            sentence: `Unknown volume '${sourceVolume ?? ''}'.`,
            remedy: 'Remove the mount point (mountPoints: [], or null in its place), or define the volume',
          },
        ],
  );
}

function portFaults(
  container: JudgedContainer,
  at: DefinitionFinding['path'],
  { networkMode }: JudgedDefinition,
): DefinitionFinding[] {
  if (networkMode !== 'awsvpc' && networkMode !== 'host') return [];
  return (container.portMappings ?? []).flatMap(({ hostPort, containerPort }, index) =>
    (hostPort ?? containerPort) === containerPort
      ? []
      : [
          {
            path: [...at, 'portMappings', index, 'hostPort'],
            sentence: `When networkMode=${networkMode}, the host ports and container ports in port mappings must match.`,
            remedy: `Remove hostPort (hostPort: null), or set it to ${containerPort ?? 'the container port'}`,
          },
        ],
  );
}

/** What belongs to networks or launches that this definition does not have. */
function ec2Faults(definition: JudgedDefinition): DefinitionFinding[] {
  const found: DefinitionFinding[] = [];
  const isBridge = (definition.networkMode ?? 'bridge') === 'bridge';
  if (definition.ephemeralStorage !== undefined) {
    found.push({
      path: ['ephemeralStorage'],
      sentence: 'Ephemeral storage is only supported for tasks that are hosted on Fargate.',
      remedy: 'Remove ephemeralStorage (null); the disk of the machine is what a container has on EC2',
    });
  }
  definition.containerDefinitions.forEach((container, index) => {
    if (isBridge || !isAskedFor(container['links'])) return;
    found.push({
      path: ['containerDefinitions', index, 'links'],
      sentence: 'Links are only supported when networkMode=bridge.',
      remedy: 'Remove links (null), or set networkMode to bridge',
    });
  });
  return found;
}

/** Bytes of the text in UTF-8; a decider imports nothing of Node. */
function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
