import type { DefinitionFinding, JudgedContainer, JudgedDefinition } from './definition-finding.ts';

/** The only port at which a container without an agent is reached. */
const SSH_PORT = 22;
/** Where the shutdown file and the wrapper of such a container are. */
const TEMPORARY = '/tmp';
const BUILD = ['containerDefinitions', 0] as const;

/**
 * Returns why the control plane could not work in a container of this definition that has no agent: it logs in as root at
 * port 22, and keeps its files in /tmp.
 */
export function findLegacyFaults(definition: JudgedDefinition): DefinitionFinding[] {
  const [build] = definition.containerDefinitions;
  return build ? [...networkFaults(definition, build), ...userFaults(build), ...filesystemFaults(build)] : [];
}

function networkFaults({ networkMode = 'bridge' }: JudgedDefinition, build: JudgedContainer): DefinitionFinding[] {
  if (networkMode === 'none' || networkMode === 'host') {
    const why = networkMode === 'none' ? 'has no address' : 'shares port 22 with its machine';
    const sentence = `A legacy container is reached over SSH, and with networkMode=${networkMode} it ${why}.`;
    return [{ path: ['networkMode'], sentence, remedy: 'Set networkMode to bridge or awsvpc' }];
  }
  const isMapped = build.portMappings?.some(({ containerPort }) => containerPort === SSH_PORT) === true;
  if (networkMode === 'awsvpc' || isMapped) return [];
  return [
    {
      path: [...BUILD, 'portMappings'],
      sentence: 'A legacy container is reached over SSH, and its port 22 is not mapped.',
      remedy: 'Add to portMappings: { containerPort: 22, hostPort: 0, protocol: tcp }',
    },
  ];
}

function userFaults({ user }: JudgedContainer): DefinitionFinding[] {
  if (typeof user !== 'string' || /^(root|0)(:.*)?$/.test(user)) return [];
  return [
    {
      path: [...BUILD, 'user'],
      sentence: `The control plane logs in to a legacy container as root, and the sshd of the user ${user} lets nobody but ${user} in.`,
      remedy: 'Remove user (null), or put the agent into the image, which runs builds as another user than its own',
    },
  ];
}

function filesystemFaults({ readonlyRootFilesystem, mountPoints, linuxParameters }: JudgedContainer) {
  if (readonlyRootFilesystem !== true) return [];
  const tmpfs = linuxParameters?.['tmpfs'];
  const mounts: readonly unknown[] = [...(mountPoints ?? []), ...(Array.isArray(tmpfs) ? (tmpfs as unknown[]) : [])];
  if (mounts.some(isAtTemporary)) return [];
  return [
    {
      path: [...BUILD, 'readonlyRootFilesystem'],
      sentence: 'The control plane keeps its files of a legacy container in /tmp, which is read-only there.',
      remedy: 'Set readonlyRootFilesystem to false, or mount a tmpfs at /tmp',
    },
  ];
}

function isAtTemporary(mount: unknown): boolean {
  return typeof mount === 'object' && mount !== null && 'containerPath' in mount && mount.containerPath === TEMPORARY;
}
