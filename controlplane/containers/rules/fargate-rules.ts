import {
  isAskedFor,
  type DefinitionFinding,
  type JudgedContainer,
  type JudgedDefinition,
} from './definition-finding.ts';
import { sizeOf } from './task-size.ts';

/** "Task definition parameters for Fargate": ephemeral storage in GiB. */
const FARGATE_STORAGE_GIB = { least: 21, most: 200 } as const;
/** "Task definition differences for Fargate": the drivers that it has. */
const FARGATE_LOG_DRIVERS = ['awslogs', 'splunk', 'awsfirelens'];
/** The only capability that may be added. */
const FARGATE_CAPABILITY = 'SYS_PTRACE';

// Parameters that Fargate does not take, from the same page.
const NOT_OF_A_TASK = ['ipcMode', 'placementConstraints', 'inferenceAccelerators'] as const;
const NOT_OF_A_CONTAINER = [
  'disableNetworking',
  'dnsSearchDomains',
  'dnsServers',
  'dockerSecurityOptions',
  'extraHosts',
  'hostname',
  'links',
  'privileged',
] as const;
const NOT_OF_LINUX = ['devices', 'maxSwap', 'sharedMemorySize', 'swappiness', 'tmpfs'] as const;

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

function steps(from: number, to: number, by: number): readonly number[] {
  return Array.from({ length: (to - from) / by + 1 }, (_, index) => from + index * by);
}

/** Returns everything for which a definition cannot be registered for Fargate. */
export function findFargateFaults(definition: JudgedDefinition): DefinitionFinding[] {
  return [
    ...networkFaults(definition),
    ...findFargateSizeFaults(definition),
    ...taskFaults(definition),
    ...(definition.volumes ?? []).flatMap(volumeFaults),
    ...definition.containerDefinitions.flatMap(containerFaults),
  ];
}

function networkFaults({ networkMode }: JudgedDefinition): DefinitionFinding[] {
  if (networkMode === 'awsvpc') return [];
  const sentence = 'Fargate only supports network mode ‘awsvpc’.';
  return [{ path: ['networkMode'], sentence, remedy: 'Set networkMode to awsvpc' }];
}

/** Checks cpu and memory of the whole task: Fargate has fixed combinations. */
export function findFargateSizeFaults({ cpu, memory }: Pick<JudgedDefinition, 'cpu' | 'memory'>): DefinitionFinding[] {
  const absent = (['cpu', 'memory'] as const).filter((name) => (name === 'cpu' ? cpu : memory) === undefined);
  if (absent.length > 0) {
    return absent.map((name) => ({
      path: [name],
      sentence: `Fargate requires that '${name}' be defined at the task level.`,
      remedy: `Set ${name} of the whole task, such as ${name === 'cpu' ? '"1024"' : '"4096"'}`,
    }));
  }
  const fitting = FARGATE_MEMORY[sizeOf(cpu ?? '')];
  if (fitting?.includes(sizeOf(memory ?? ''))) return [];
  const sentence = 'No Fargate configuration exists for given values.';
  if (fitting) return [{ path: ['memory'], sentence, remedy: `With cpu ${cpu}, set memory to ${shortList(fitting)}` }];
  const sizes = Object.keys(FARGATE_MEMORY).join(', ');
  return [{ path: ['cpu'], sentence, remedy: `Set cpu to one of ${sizes}` }];
}

function shortList(sizes: readonly number[]): string {
  if (sizes.length <= 4) return `one of ${sizes.join(', ')}`;
  const [first = 0, second = 0] = sizes;
  return `${first} to ${sizes.at(-1)} in steps of ${second - first}`;
}

function taskFaults(definition: JudgedDefinition): DefinitionFinding[] {
  const found = NOT_OF_A_TASK.filter((name) => isAskedFor(definition[name])).map((name) => notSupported([name], name));
  if (definition.pidMode === 'host') {
    const sentence = 'Fargate only supports the pidMode ‘task’.';
    found.push({ path: ['pidMode'], sentence, remedy: 'Remove pidMode (null)' });
  }
  return [...found, ...findFargateStorageFaults(definition)];
}

/** Checks the disk of a task on Fargate, by its definition or by an override. */
export function findFargateStorageFaults({
  ephemeralStorage,
}: Pick<JudgedDefinition, 'ephemeralStorage'>): DefinitionFinding[] {
  const size = ephemeralStorage?.sizeInGiB;
  const { least, most } = FARGATE_STORAGE_GIB;
  if (size === undefined || (size >= least && size <= most)) return [];
  const sentence = `Ephemeral storage must be from ${least} to ${most} GiB.`;
  return [{ path: ['ephemeralStorage', 'sizeInGiB'], sentence, remedy: `Set it from ${least} to ${most}` }];
}

function volumeFaults(volume: NonNullable<JudgedDefinition['volumes']>[number], index: number): DefinitionFinding[] {
  const remedy = 'Remove the volume (volumes: [], or null in its place) and its mountPoints';
  if (volume.host?.sourcePath !== undefined) {
    const sentence = 'Fargate compatible task definitions do not support sourcePath';
    return [{ path: ['volumes', index, 'host', 'sourcePath'], sentence, remedy }];
  }
  if (volume.dockerVolumeConfiguration === undefined) return [];
  const sentence = 'Fargate compatible task definitions do not support dockerVolumeConfiguration';
  return [{ path: ['volumes', index, 'dockerVolumeConfiguration'], sentence, remedy }];
}

function containerFaults(container: JudgedContainer, index: number): DefinitionFinding[] {
  const at = ['containerDefinitions', index];
  const found = NOT_OF_A_CONTAINER.filter((name) => isAskedFor(container[name])).map((name) =>
    notSupported([...at, name], name === 'privileged' ? 'privileged containers' : name),
  );
  const linux = container.linuxParameters ?? {};
  const linuxAt = [...at, 'linuxParameters'];
  found.push(
    ...NOT_OF_LINUX.filter((name) => isAskedFor(linux[name])).map((name) => notSupported([...linuxAt, name], name)),
  );
  const { add = [] } = (linux['capabilities'] ?? {}) as { add?: readonly string[] };
  if (add.some((capability) => capability !== FARGATE_CAPABILITY)) {
    const sentence = `The only capability that can be added on Fargate is ${FARGATE_CAPABILITY}.`;
    found.push({ path: [...linuxAt, 'capabilities', 'add'], sentence, remedy: 'Remove the others' });
  }
  const driver = container.logConfiguration?.logDriver;
  if (driver !== undefined && !FARGATE_LOG_DRIVERS.includes(driver)) {
    const sentence = `Log driver '${driver}' is not supported on Fargate.`;
    const remedy = `Use one of ${FARGATE_LOG_DRIVERS.join(', ')}`;
    found.push({ path: [...at, 'logConfiguration', 'logDriver'], sentence, remedy });
  }
  return found;
}

function notSupported(path: DefinitionFinding['path'], what: string): DefinitionFinding {
  const name = String(path.at(-1));
  return {
    path,
    sentence: `Fargate compatible task definitions do not support ${what}.`,
    remedy: `Remove ${name} (${name}: null)`,
  };
}
