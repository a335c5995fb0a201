import { z } from 'zod';
import type { DefinitionInput } from '../local-state.ts';
import { DockerDefinition } from './docker-definition.ts';

// A setting that were left out silently would make a container that differs from the one in ECS, so it is refused. Left
// out without a word are only settings that name roles, logs and placement: a container does not run otherwise for them.

/** What of a container needs services of AWS, other containers, or hardware that the engine knows nothing of. */
const CONTAINER_REFUSED = [
  'credentialSpecs',
  'dependsOn',
  'environmentFiles',
  'firelensConfiguration',
  'links',
  'repositoryCredentials',
  'resourceRequirements',
  'secrets',
  'volumesFrom',
] as const;
const VOLUME_REFUSED = [
  'configuredAtLaunch',
  'efsVolumeConfiguration',
  'fsxWindowsFileServerVolumeConfiguration',
  's3filesVolumeConfiguration',
] as const;
const DEFINITION_REFUSED = ['inferenceAccelerators', 'proxyConfiguration'] as const;

/** Returns why a container of this definition cannot be run with a container engine; null when it can. */
export function whyNotInDocker(definition: DefinitionInput): string | null {
  const { containerDefinitions: containers, volumes = [] } = definition;
  if (containers.length > 1) {
    return refusal(`${containers.length} containers in one task: it runs one`);
  }
  const given = [
    ...namesGiven(definition, DEFINITION_REFUSED),
    ...containers.flatMap((container) => namesGiven(container, CONTAINER_REFUSED)),
    ...volumes.flatMap((volume) => namesGiven(volume, VOLUME_REFUSED)),
  ];
  if (given[0] !== undefined) return refusal(given[0]);
  const parsed = DockerDefinition.safeParse(definition);
  if (!parsed.success) return refusal(z.prettifyError(parsed.error).replaceAll('\n', ' '));
  return volumeRefusal(parsed.data) ?? portRefusal(parsed.data);
}

function volumeRefusal({ volumes }: DockerDefinition): string | null {
  for (const { name, host, dockerVolumeConfiguration: docker } of volumes) {
    if (host?.sourcePath !== undefined && !host.sourcePath.startsWith('/')) {
      return refusal(`the directory ${host.sourcePath} of the volume ${name}: its path must be absolute`);
    }
    if (docker?.scope === 'shared')
      return refusal(`the scope shared of the volume ${name}: use a directory of the host`);
    if (docker?.driver !== undefined && docker.driver !== 'local') {
      return refusal(`the driver ${docker.driver} of the volume ${name}`);
    }
  }
  return null;
}

function portRefusal({ containerDefinitions: [container] }: DockerDefinition): string | null {
  const hasRange = container.portMappings?.some(({ containerPort }) => containerPort === undefined) ?? false;
  return hasRange ? refusal('containerPortRange') : null;
}

/** Returns those of the names that have a value; empty lists and false are ECS's own defaults. */
function namesGiven(holder: Readonly<Record<string, unknown>>, names: readonly string[]): string[] {
  return names.filter((name) => {
    const value = holder[name];
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== false;
  });
}

function refusal(what: string): string {
  return `Local ECS with the docker launcher does not support ${what}.`;
}
