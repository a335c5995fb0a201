import type { DefinitionFinding, JudgedContainer, JudgedDefinition } from './definition-finding.ts';

// Engines of containers take absolute paths only. ECS takes some relative ones and ends the task with CannotCreateContainerError, or
// takes them for the name of a volume, which is another directory than the one that is meant.

/** Returns the relative paths of a container on Linux, each with why it is refused. */
export function findPathFaults(
  container: JudgedContainer,
  at: DefinitionFinding['path'],
  definition: JudgedDefinition,
): DefinitionFinding[] {
  if (isForWindows(definition)) return [];
  const { name = '', workingDirectory, mountPoints = [], linuxParameters = {} } = container;
  const { tmpfs = [], devices = [] } = linuxParameters;
  const linux = [...at, 'linuxParameters'];
  const paths: readonly (readonly [path: DefinitionFinding['path'], value: string | undefined])[] = [
    [[...at, 'workingDirectory'], workingDirectory],
    ...mountPoints.map((each, index) => [[...at, 'mountPoints', index, 'containerPath'], each.containerPath] as const),
    ...tmpfs.map((each, index) => [[...linux, 'tmpfs', index, 'containerPath'], each.containerPath] as const),
    ...devices.flatMap((each, index) =>
      (['hostPath', 'containerPath'] as const).map((key) => [[...linux, 'devices', index, key], each[key]] as const),
    ),
  ];
  return paths.flatMap(([path, value]) =>
    relativePath(path, value, `Invalid setting for container '${name}'. '${String(path.at(-1))}'`),
  );
}

/** Returns the directories of the machine that are relative, and those that are blank. */
export function findSourcePathFaults(definition: JudgedDefinition): DefinitionFinding[] {
  if (isForWindows(definition)) return [];
  return (definition.volumes ?? []).flatMap(({ name = '', host }, index): DefinitionFinding[] => {
    const path = ['volumes', index, 'host', 'sourcePath'];
    if (host?.sourcePath?.trim() !== '') {
      return relativePath(path, host?.sourcePath, `Invalid setting for volume '${name}'. 'sourcePath'`);
    }
    const remedy = 'Name the directory of the machine, or remove host (null)';
    return [{ path, sentence: 'host.sourcePath should not be blank.', remedy }];
  });
}

function relativePath(path: DefinitionFinding['path'], value: string | undefined, what: string): DefinitionFinding[] {
  if (value === undefined || value === '' || value.startsWith('/')) return [];
  const sentence = `${what} is "${value}" and must be an absolute path.`;
  return [{ path, sentence, remedy: `Begin it with /, such as "/${value.replace(/^(\.{0,2}\/)*/, '')}"` }];
}

function isForWindows({ runtimePlatform }: JudgedDefinition): boolean {
  return runtimePlatform?.operatingSystemFamily?.startsWith('WINDOWS') === true;
}
