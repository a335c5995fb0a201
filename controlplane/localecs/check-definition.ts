import { AwsError } from './aws-error.ts';
import type { DefinitionInput } from './local-state.ts';
import { sizeOf } from './task-size.ts';

// The rules and, where they are public, the sentences of RegisterTaskDefinition. Each would otherwise show only in a
// real account: a definition that local ECS takes must be one that ECS takes.

type DefinedContainer = DefinitionInput['containerDefinitions'][number];

/** "Amazon ECS service quotas": containers of a task definition, and its size. */
const MAX_CONTAINERS = 10;
const MAX_BYTES = 64 * 1024;
/** "Task definition parameters": the smallest memory of a container, in MiB. */
const MIN_MEMORY = 6;
/** "Task definition parameters for Fargate": stopTimeout in seconds. */
const FARGATE_MAX_STOP_TIMEOUT = 120;

/** Throws ECS's ClientException for a definition that ECS would refuse. */
export function checkDefinition(definition: DefinitionInput): void {
  const { containerDefinitions: containers } = definition;
  if (containers.length === 0) throw refused('Container definitions should not be empty.');
  if (containers.length > MAX_CONTAINERS) throw refused(`Too many containers. The maximum is ${MAX_CONTAINERS}.`);
  if (Buffer.byteLength(JSON.stringify(definition)) > MAX_BYTES) {
    throw refused('Actual length of the task definition exceeds the maximum of 64 KiB.');
  }
  for (const name of ['cpu', 'memory'] as const) {
    const size = definition[name];
    if (size !== undefined && Number.isNaN(sizeOf(size))) throw refused(`Invalid '${name}' setting for task.`);
  }
  for (const container of containers) checkContainer(container, definition);
  const names = containers.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw refused(`Container names must be unique. "${twice}" stands there twice.`);
  if (!containers.some(({ essential }) => essential !== false)) {
    throw refused('At least one container must be essential.');
  }
  if (definition.requiresCompatibilities?.includes('FARGATE')) checkFargate(definition);
}

function checkContainer(container: DefinedContainer, definition: DefinitionInput): void {
  const { name, image, memory, memoryReservation, portMappings = [], mountPoints = [] } = container;
  if (!name) throw refused('Container.name should not be null or empty.');
  if (!image) throw refused('Container.image should not be null or empty.');
  if (memory === undefined && memoryReservation === undefined && definition.memory === undefined) {
    throw refused(
      `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    );
  }
  for (const size of [memory, memoryReservation]) {
    if (size !== undefined && size < MIN_MEMORY) {
      throw refused(`Invalid setting for container '${name}'. The memory must be at least ${MIN_MEMORY} MiB.`);
    }
  }
  if (memory !== undefined && memoryReservation !== undefined && memory < memoryReservation) {
    throw refused(`Invalid setting for container '${name}'. 'memory' must be at least 'memoryReservation'.`);
  }
  const volumes = new Set(definition.volumes?.map((volume) => volume.name));
  const unknown = mountPoints.find(({ sourceVolume }) => !volumes.has(sourceVolume));
  if (unknown) throw refused(`Unknown volume '${unknown.sourceVolume ?? ''}'.`);
  const isAwsvpc = definition.networkMode === 'awsvpc';
  if (isAwsvpc && portMappings.some(({ hostPort, containerPort }) => (hostPort ?? containerPort) !== containerPort)) {
    throw refused('When networkMode=awsvpc, the host ports and container ports in port mappings must match.');
  }
}

/** Memory in MiB for each number of cpu units ("Task CPU and memory" of the developer guide). */
const FARGATE_MEMORY: Readonly<Record<number, readonly number[]>> = {
  256: [512, 1024, 2048],
  512: steps(1024, 4096, 1024),
  1024: steps(2048, 8192, 1024),
  2048: steps(4096, 16_384, 1024),
  4096: steps(8192, 30_720, 1024),
  8192: steps(16_384, 61_440, 4096),
  16_384: steps(32_768, 122_880, 8192),
};

function checkFargate(definition: DefinitionInput): void {
  const { networkMode, cpu, memory, volumes = [], containerDefinitions: containers } = definition;
  if (networkMode !== 'awsvpc') throw refused('Fargate only supports network mode ‘awsvpc’.');
  if (cpu === undefined) throw refused("Fargate requires that 'cpu' be defined at the task level.");
  if (memory === undefined) throw refused("Fargate requires that 'memory' be defined at the task level.");
  if (!FARGATE_MEMORY[sizeOf(cpu)]?.includes(sizeOf(memory))) {
    throw refused('No Fargate configuration exists for given values.');
  }
  if (volumes.some(({ host }) => host?.sourcePath !== undefined)) {
    throw refused('Fargate compatible task definitions do not support sourcePath');
  }
  if (containers.some(({ privileged }) => privileged === true)) {
    throw refused('Fargate compatible task definitions do not support privileged containers.');
  }
  if (containers.some(({ stopTimeout = 0 }) => stopTimeout > FARGATE_MAX_STOP_TIMEOUT)) {
    throw refused(`The maximum stopTimeout on Fargate is ${FARGATE_MAX_STOP_TIMEOUT} seconds.`);
  }
}

function steps(from: number, to: number, by: number): readonly number[] {
  return Array.from({ length: (to - from) / by + 1 }, (_, index) => from + index * by);
}

function refused(message: string): AwsError {
  return new AwsError('ClientException', message);
}
