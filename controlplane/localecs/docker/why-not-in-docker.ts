import { isAskedFor } from '../../containers/rules/definition-finding.ts';
import type { DefinitionInput } from '../local-state.ts';
import { whyInvalid } from '../input/parse-input.ts';
import { unsupported, whyUnsupported } from '../input/unsupported.ts';
import { DockerDefinition } from './docker-definition.ts';

/** Returns why a container of this definition cannot be run with a container engine; null when it can. */
export function whyNotInDocker(definition: DefinitionInput): string | null {
  const elsewhere = whyUnsupported(definition);
  if (elsewhere !== null) return elsewhere;
  const priv = definition.containerDefinitions.find(({ repositoryCredentials }) => isAskedFor(repositoryCredentials));
  if (priv) {
    const reason = 'the image is pulled without credentials unless the engine has it already';
    return unsupported('repositoryCredentials', `the container ${priv.name ?? ''}`, reason);
  }
  const parsed = DockerDefinition.safeParse(definition);
  if (!parsed.success) return refusal(`this definition: ${whyInvalid(DockerDefinition, definition) ?? ''}`);
  return volumeRefusal(parsed.data) ?? portRefusal(parsed.data);
}

function volumeRefusal({ volumes }: DockerDefinition): string | null {
  for (const { name, host, dockerVolumeConfiguration: docker } of volumes) {
    if (host?.sourcePath !== undefined && !host.sourcePath.startsWith('/')) {
      return refusal(`the directory ${host.sourcePath} of the volume ${name}: its path must be absolute`);
    }
    if (docker?.scope === 'shared')
      return refusal(`the scope shared of the volume ${name}: use a directory of the host`);
    if (Object.keys(docker?.driverOpts ?? {}).length > 0) return refusal(`driverOpts of the volume ${name}`);
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

function refusal(what: string): string {
  return `Local ECS with the docker launcher does not support ${what}.`;
}
