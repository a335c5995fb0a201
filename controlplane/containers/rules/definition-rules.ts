import { findChoiceFaults } from './choice-rules.ts';
import { findContainerFaults } from './container-rules.ts';
import { isAskedFor, type DefinitionFinding, type JudgedDefinition } from './definition-finding.ts';
import { findDependencyFaults } from './dependency-rules.ts';
import { findFargateFaults } from './fargate-rules.ts';
import { findSourcePathFaults } from './path-rules.ts';
import { findPortNameFaults, findTakenPorts } from './port-rules.ts';
import { sizeOf } from './task-size.ts';
import { findTimeoutFaults } from './timeout-rules.ts';

// What RegisterTaskDefinition refuses, with its sentences where they are public. One decider for two: the control plane
// asks before anything is registered, and local ECS refuses with the same rules, so that a definition that it takes is one
// that ECS takes.

/** "Amazon ECS service quotas": containers of a task definition, and its size. */
const MAX_CONTAINERS = 10;
const MAX_BYTES = 64 * 1024;
/** "RegisterTaskDefinition": placement constraints of a task, those of RunTask among them. */
const MAX_CONSTRAINTS = 10;
/** "Task definition parameters", cpu of a task on machines: 0.125 to 192 vCPUs. */
export const EC2_CPU = { least: 128, most: 196_608 } as const;
/** "Task definition parameters": what of a container has no effect on an interface of its own, and is refused. */
const NOT_IN_AWSVPC = ['hostname', 'extraHosts'] as const;
/** "Task definition parameters": name of a volume. */
const VOLUME_NAME = /^[A-Za-z0-9_-]{1,255}$/;

/** Returns everything for which ECS would refuse to register this definition. */
export function findDefinitionFaults(definition: JudgedDefinition): DefinitionFinding[] {
  return [
    ...wholeFaults(definition),
    ...sizeFaults(definition),
    ...volumeFaults(definition),
    ...findSourcePathFaults(definition),
    ...definition.containerDefinitions.flatMap((container, index) => findContainerFaults(container, index, definition)),
    ...findChoiceFaults(definition),
    ...findTakenPorts(definition),
    ...findPortNameFaults(definition),
    ...placementFaults(definition),
    ...findDependencyFaults(definition),
    ...(definition.requiresCompatibilities?.includes('FARGATE')
      ? findFargateFaults(definition)
      : ec2Faults(definition)),
    ...findTimeoutFaults(definition),
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

/** Checks the sizes of the whole task, and whether its containers fit into them. */
function sizeFaults(definition: JudgedDefinition): DefinitionFinding[] {
  const { containerDefinitions: containers } = definition;
  return (['cpu', 'memory'] as const).flatMap((name): DefinitionFinding[] => {
    const text = definition[name];
    if (text === undefined) return [];
    const size = sizeOf(text);
    if (!Number.isInteger(size) || size < 1) {
      const remedy = `Write ${name} as a number in quotes, such as "1024"`;
      return [{ path: [name], sentence: `Invalid '${name}' setting for task.`, remedy }];
    }
    // The memory of a single container has a rule of its own.
    if (containers.length < 2 && name === 'memory') return [];
    const wanted = containers.map(({ cpu, memory, memoryReservation }) =>
      name === 'cpu' ? cpu : (memoryReservation ?? memory),
    );
    const total = wanted.reduce<number>((sum, each) => sum + (each ?? 0), 0);
    if (total <= size) return [];
    const of = containers.length < 2 ? 'the container' : 'all containers';
    const sentence = `The ${name} of ${of} is ${total}, and that of the task is ${size}.`;
    return [{ path: [name], sentence, remedy: `Raise ${name} of the task, or lower that of its containers` }];
  });
}

function volumeFaults({ volumes = [] }: JudgedDefinition): DefinitionFinding[] {
  return volumes.flatMap(({ name = '' }, index): DefinitionFinding[] => {
    const path = ['volumes', index, 'name'];
    if (!VOLUME_NAME.test(name)) {
      const sentence =
        name === '' ? 'Volume.name should not be null or empty.' : 'Volume.name contains invalid characters.';
      return [{ path, sentence, remedy: 'Use letters, digits, - and _, 255 at most' }];
    }
    if (volumes.findIndex((volume) => volume.name === name) === index) return [];
    const sentence = `Volume names must be unique. "${name}" stands there twice.`;
    return [{ path, sentence, remedy: 'Give each volume a name of its own' }];
  });
}

function placementFaults({ placementConstraints = [] }: JudgedDefinition): DefinitionFinding[] {
  if (placementConstraints.length <= MAX_CONSTRAINTS) return [];
  const sentence = `placementConstraints can have at most ${MAX_CONSTRAINTS} items.`;
  return [{ path: ['placementConstraints'], sentence, remedy: 'Give fewer' }];
}

/** What belongs to networks or launches that this definition does not have. */
function ec2Faults(definition: JudgedDefinition): DefinitionFinding[] {
  const found: DefinitionFinding[] = [];
  const isBridge = (definition.networkMode ?? 'bridge') === 'bridge';
  const cpu = definition.cpu === undefined ? EC2_CPU.least : sizeOf(definition.cpu);
  if (cpu < EC2_CPU.least || cpu > EC2_CPU.most) {
    const remedy = `Set cpu from ${EC2_CPU.least} to ${EC2_CPU.most}`;
    found.push({ path: ['cpu'], sentence: "Invalid 'cpu' setting for task.", remedy });
  }
  if (definition.ephemeralStorage !== undefined) {
    found.push({
      path: ['ephemeralStorage'],
      sentence: 'Ephemeral storage is only supported for tasks that are hosted on Fargate.',
      remedy: 'Remove ephemeralStorage (null); the disk of the machine is what a container has on EC2',
    });
  }
  definition.containerDefinitions.forEach((container, index) => {
    const at = ['containerDefinitions', index];
    if (!isBridge && isAskedFor(container['links'])) {
      const sentence = 'Links are only supported when networkMode=bridge.';
      found.push({ path: [...at, 'links'], sentence, remedy: 'Remove links (null), or set networkMode to bridge' });
    }
    if (definition.networkMode !== 'awsvpc') return;
    for (const name of NOT_IN_AWSVPC.filter((each) => isAskedFor(container[each]))) {
      const sentence = `${name} is not supported when networkMode=awsvpc.`;
      found.push({ path: [...at, name], sentence, remedy: `Remove ${name} (${name}: null)` });
    }
  });
  return found;
}

/** Bytes of the text in UTF-8; a decider imports nothing of Node. */
function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
