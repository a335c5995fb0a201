import { isAskedFor } from '../../containers/rules/definition-finding.ts';
import type { DefinitionInput } from '../local-state.ts';
import type { RunTaskInput } from './run-task-input.ts';

// A setting that were left out silently would make a container that differs from the one in ECS, so it is refused. Left out
// without a word is only what a build does not run otherwise for; README.md lists it.

const NO_OTHER = 'a task here has one container';

/** What of a container no launcher can do, each with the reason. */
const CONTAINER_REFUSED: Readonly<Record<string, string>> = {
  credentialSpecs: 'there is no Active Directory here',
  dependsOn: NO_OTHER,
  environmentFiles: 'nothing here reads Amazon S3',
  firelensConfiguration: NO_OTHER,
  links: NO_OTHER,
  resourceRequirements: 'its machines have no GPUs and no accelerators',
  secrets: 'nothing here reads Secrets Manager or the Parameter Store',
  volumesFrom: NO_OTHER,
};
const NO_REMOTE_VOLUME = 'it has directories of the machine only';
const VOLUME_REFUSED: Readonly<Record<string, string>> = {
  configuredAtLaunch: 'it makes no EBS volumes',
  efsVolumeConfiguration: NO_REMOTE_VOLUME,
  fsxWindowsFileServerVolumeConfiguration: NO_REMOTE_VOLUME,
  s3filesVolumeConfiguration: NO_REMOTE_VOLUME,
};
const DEFINITION_REFUSED: Readonly<Record<string, string>> = {
  inferenceAccelerators: 'its machines have no accelerators',
  proxyConfiguration: NO_OTHER,
};
const CONTAINER_OVERRIDE_REFUSED = ['environmentFiles', 'resourceRequirements'] as const;

type Holder = Readonly<Record<string, unknown>>;

/** Returns why local ECS runs no container of this definition, whatever its launcher; null when it can. */
export function whyUnsupported(definition: DefinitionInput): string | null {
  const { containerDefinitions: containers, volumes = [] } = definition;
  if (containers.length > 1) {
    const names = containers.map(({ name = '' }) => name).join(', ');
    return (
      `Local ECS does not support ${containers.length} containers in one task (${names}): it runs one. ` +
      'Keep the container of the build for this cluster, or use Amazon ECS.'
    );
  }
  return (
    firstRefusal(definition, DEFINITION_REFUSED, 'the task definition') ??
    firstOf(containers, (each) => containerRefusal(each, `the container ${each.name ?? ''}`)) ??
    firstOf(volumes, (each) => firstRefusal(each, VOLUME_REFUSED, `the volume ${each.name ?? ''}`))
  );
}

/** Returns why local ECS cannot run a task with these overrides; null when it can. */
export function whyOverridesUnsupported({ overrides }: Pick<RunTaskInput, 'overrides'>): string | null {
  const accelerators = { inferenceAcceleratorOverrides: DEFINITION_REFUSED['inferenceAccelerators'] ?? '' };
  const ofContainer = Object.fromEntries(
    CONTAINER_OVERRIDE_REFUSED.map((name) => [name, CONTAINER_REFUSED[name] ?? '']),
  );
  return (
    firstRefusal(overrides, accelerators, 'the overrides') ??
    firstOf(overrides.containerOverrides, (each) =>
      firstRefusal(each, ofContainer, `the override of the container ${each.name ?? ''}`),
    )
  );
}

/** Returns the sentence with which a setting is refused: its name, whose it is, the reason, and what to do. */
export function unsupported(name: string, of: string, reason: string): string {
  return `Local ECS does not support ${name} (of ${of}): ${reason}. Remove it for this cluster, or use Amazon ECS.`;
}

function containerRefusal(container: Holder, of: string): string | null {
  const restart = container['restartPolicy'];
  if (typeof restart === 'object' && restart !== null && 'enabled' in restart && restart.enabled === true) {
    return unsupported('restartPolicy', of, 'a container that ends is not started again');
  }
  return firstRefusal(container, CONTAINER_REFUSED, of);
}

function firstRefusal(holder: Holder, refused: Readonly<Record<string, string>>, of: string): string | null {
  return firstOf(Object.entries(refused), ([name, reason]) =>
    isAskedFor(holder[name]) ? unsupported(name, of, reason) : null,
  );
}

function firstOf<T>(items: readonly T[], why: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = why(item);
    if (found !== null) return found;
  }
  return null;
}
