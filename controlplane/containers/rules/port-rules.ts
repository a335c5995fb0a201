import type { DefinitionFinding, JudgedContainer, JudgedDefinition } from './definition-finding.ts';

/** Host port 0 is any free one. */
const PORTS = { containerPort: { least: 1, most: 65_535 }, hostPort: { least: 0, most: 65_535 } } as const;
const PROTOCOLS = ['tcp', 'udp'];
/** "PortMapping" of the Amazon ECS API reference. */
const NAME = /^[a-z0-9_][a-z0-9_-]{0,63}$/;

type PortMapping = NonNullable<JudgedContainer['portMappings']>[number];

/** Returns everything for which ECS would refuse the port mappings of a container. */
export function findPortFaults(
  { portMappings = [] }: JudgedContainer,
  at: DefinitionFinding['path'],
  { networkMode }: JudgedDefinition,
): DefinitionFinding[] {
  if (networkMode === 'none' && portMappings.length > 0) {
    const sentence = 'Port mappings are not supported when networkMode=none.';
    const remedy = 'Remove the port mappings (portMappings: []), or set another networkMode';
    return [{ path: [...at, 'portMappings'], sentence, remedy }];
  }
  return portMappings.flatMap((mapping, index) => {
    const path = [...at, 'portMappings', index];
    const found = [...numberFaults(mapping, path), ...rangeFaults(mapping, path)];
    return found.length > 0 ? found : matchFaults(mapping, path, networkMode);
  });
}

/** Returns the names of port mappings that ECS would refuse: a service finds a port of the task by its name. */
export function findPortNameFaults({ containerDefinitions }: JudgedDefinition): DefinitionFinding[] {
  const taken = new Set<string>();
  return containerDefinitions.flatMap(({ portMappings = [] }, container) =>
    portMappings.flatMap(({ name }, index): DefinitionFinding[] => {
      if (name === undefined) return [];
      const path = ['containerDefinitions', container, 'portMappings', index, 'name'];
      if (!NAME.test(name)) {
        const sentence = `Port mapping name '${name}' contains invalid characters.`;
        return [{ path, sentence, remedy: 'Use small letters, digits, _ and -, 64 at most, and no - in front' }];
      }
      if (taken.has(name)) {
        const sentence = `Port mapping names must be unique. "${name}" stands there twice.`;
        return [{ path, sentence, remedy: 'Give each port mapping a name of its own' }];
      }
      taken.add(name);
      return [];
    }),
  );
}

/** Returns the host ports that the containers of a task ask for more than once. Host port 0 is another one each time. */
export function findTakenPorts({
  containerDefinitions,
  networkMode = 'bridge',
}: JudgedDefinition): DefinitionFinding[] {
  const taken = new Set<string>();
  return containerDefinitions.flatMap(({ portMappings = [] }, container) =>
    portMappings.flatMap(({ containerPort, hostPort, protocol = 'tcp' }, index): DefinitionFinding[] => {
      // In the other networks the port of the container is that of the host.
      const port = networkMode === 'bridge' ? hostPort : (hostPort ?? containerPort);
      if (!port) return [];
      const name = `${protocol.toUpperCase()} host port '${port}'`;
      if (!taken.has(name)) {
        taken.add(name);
        return [];
      }
      const path = ['containerDefinitions', container, 'portMappings', index, 'hostPort'];
      return [{ path, sentence: `${name} is mapped multiple times in task.`, remedy: 'Map it once' }];
    }),
  );
}

function numberFaults(mapping: PortMapping, at: DefinitionFinding['path']): DefinitionFinding[] {
  const found: DefinitionFinding[] = (['containerPort', 'hostPort'] as const).flatMap((name) => {
    const port = mapping[name];
    const { least, most } = PORTS[name];
    if (port === undefined || (port >= least && port <= most)) return [];
    const sentence = `Invalid '${name}' setting: ${port} is not between ${least} and ${most}.`;
    return [{ path: [...at, name], sentence, remedy: `Set ${name} from ${least} to ${most}` }];
  });
  const { protocol = 'tcp' } = mapping;
  if (PROTOCOLS.includes(protocol)) return found;
  const sentence = `protocol should be one of [${PROTOCOLS.join(',')}]`;
  return [...found, { path: [...at, 'protocol'], sentence, remedy: 'Set it to tcp or udp' }];
}

function rangeFaults({ containerPort, containerPortRange: range }: PortMapping, at: DefinitionFinding['path']) {
  const refuse = (name: string, sentence: string, remedy: string): DefinitionFinding[] => [
    { path: [...at, name], sentence, remedy },
  ];
  if (range === undefined) {
    if (containerPort !== undefined) return [];
    return refuse('containerPort', 'PortMapping.containerPort should not be null.', 'Set containerPort');
  }
  if (containerPort !== undefined) {
    const sentence = 'containerPort and containerPortRange must not be specified together.';
    return refuse('containerPortRange', sentence, 'Keep one of them');
  }
  const [, first = '', last = ''] = /^(\d{1,5})-(\d{1,5})$/.exec(range) ?? [];
  if (first !== '' && Number(first) >= 1 && Number(first) <= Number(last) && Number(last) <= 65_535) return [];
  return refuse('containerPortRange', `Invalid 'containerPortRange' setting: ${range}.`, 'Write it as "8000-8010"');
}

function matchFaults(
  { hostPort, containerPort }: PortMapping,
  at: DefinitionFinding['path'],
  networkMode: string | undefined,
): DefinitionFinding[] {
  if (networkMode !== 'awsvpc' && networkMode !== 'host') return [];
  if ((hostPort ?? containerPort) === containerPort) return [];
  return [
    {
      path: [...at, 'hostPort'],
      sentence: `When networkMode=${networkMode}, the host ports and container ports in port mappings must match.`,
      remedy: `Remove hostPort (hostPort: null), or set it to ${containerPort ?? 'the container port'}`,
    },
  ];
}
