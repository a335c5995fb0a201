import type { DefinitionFinding, JudgedContainer } from './definition-finding.ts';

/** "LinuxParameters" of the Amazon ECS API reference: MiB, and a percentage. */
const BOUNDS = {
  maxSwap: { least: 0, most: Infinity },
  swappiness: { least: 0, most: 100 },
  sharedMemorySize: { least: 1, most: Infinity },
} as const;

/** Returns everything for which ECS would refuse what a container asks of the kernel. */
export function findLinuxFaults(
  { name = '', linuxParameters = {}, ulimits = [] }: JudgedContainer,
  at: DefinitionFinding['path'],
): DefinitionFinding[] {
  const invalid = `Invalid setting for container '${name}'.`;
  const parameters = (['maxSwap', 'swappiness', 'sharedMemorySize'] as const).flatMap((member): DefinitionFinding[] => {
    const value = linuxParameters[member];
    const { least, most } = BOUNDS[member];
    if (typeof value !== 'number' || (value >= least && value <= most)) return [];
    const range = most === Infinity ? `at least ${least}` : `between ${least} and ${most}`;
    const sentence = `${invalid} '${member}' is ${value} and must be ${range}.`;
    return [{ path: [...at, 'linuxParameters', member], sentence, remedy: `Set it to ${range}` }];
  });
  const limits = ulimits.flatMap((limit, index): DefinitionFinding[] => {
    const { softLimit = 0, hardLimit = 0 } = limit;
    // -1 is no limit.
    if (hardLimit === -1 || softLimit <= hardLimit) return [];
    const sentence = `${invalid} The soft limit of ${limit.name ?? 'a ulimit'} must not exceed its hard limit.`;
    return [{ path: [...at, 'ulimits', index, 'softLimit'], sentence, remedy: `Set it to at most ${hardLimit}` }];
  });
  return [
    ...parameters,
    ...tmpfsFaults(name, linuxParameters.tmpfs, at),
    ...deviceFaults(linuxParameters.devices, at),
    ...limits,
  ];
}

type LinuxParameters = NonNullable<JudgedContainer['linuxParameters']>;

function tmpfsFaults(
  container: string,
  tmpfs: LinuxParameters['tmpfs'] = [],
  at: DefinitionFinding['path'],
): DefinitionFinding[] {
  return tmpfs.flatMap(({ containerPath, size }, index): DefinitionFinding[] => {
    const path = [...at, 'linuxParameters', 'tmpfs', index];
    if (!containerPath) {
      const sentence = 'Tmpfs.containerPath should not be null or empty.';
      return [{ path: [...path, 'containerPath'], sentence, remedy: 'Name the directory of the container' }];
    }
    if (size !== undefined && size > 0) return [];
    const sentence = `Invalid setting for container '${container}'. 'size' of tmpfs is ${size ?? 'null'} and must be at least 1.`;
    return [{ path: [...path, 'size'], sentence, remedy: 'Set it to the MiB that it may hold' }];
  });
}

function deviceFaults(devices: LinuxParameters['devices'] = [], at: DefinitionFinding['path']): DefinitionFinding[] {
  return devices.flatMap(({ hostPath }, index): DefinitionFinding[] => {
    if (hostPath) return [];
    const path = [...at, 'linuxParameters', 'devices', index, 'hostPath'];
    return [
      { path, sentence: 'Device.hostPath should not be null or empty.', remedy: 'Name the device of the machine' },
    ];
  });
}
