import type { DefinitionFinding, JudgedDefinition } from './definition-finding.ts';

/** How a cluster launches, as far as a task definition must fit to it. */
export interface LaunchTraits {
  readonly kind: 'ec2' | 'fargate';
  readonly hasSubnets: boolean;
}

/** What RunTask is told beside the definition. */
export interface JudgedRunTask {
  readonly enableExecuteCommand?: boolean | undefined;
  readonly overrides?: { readonly taskRoleArn?: string | undefined } | undefined;
  readonly volumeConfigurations?: readonly { readonly name: string }[] | undefined;
}

/** Capacity providers that are Fargate, whatever else a cluster has. */
const FARGATE_PROVIDERS = ['FARGATE', 'FARGATE_SPOT'];

export function isFargateProvider(name: string): boolean {
  return FARGATE_PROVIDERS.includes(name);
}

/** Returns everything for which RunTask would refuse this definition at a launch of this kind. */
export function findLaunchFaults(
  definition: JudgedDefinition,
  launch: LaunchTraits,
  runTask: Pick<JudgedRunTask, 'volumeConfigurations'> = {},
): DefinitionFinding[] {
  return [
    ...compatibilityFaults(definition, launch),
    ...subnetFaults(definition, launch),
    ...ebsFaults(definition, runTask),
  ];
}

function compatibilityFaults({ requiresCompatibilities: given = [] }: JudgedDefinition, launch: LaunchTraits) {
  const requiresCompatibilities = given.length === 0 ? ['EC2'] : given;
  const needed = launch.kind === 'fargate' ? 'FARGATE' : 'EC2';
  // What fits Fargate fits EC2 as well.
  if ([needed, 'FARGATE'].some((name) => requiresCompatibilities.includes(name))) return [];
  return [
    {
      path: ['requiresCompatibilities'],
      sentence: `Task definition does not support launch_type ${needed}.`,
      remedy: `Add ${needed}, or remove requiresCompatibilities (null)`,
    },
  ];
}

function subnetFaults({ networkMode }: JudgedDefinition, { hasSubnets }: LaunchTraits): DefinitionFinding[] {
  const isAwsvpc = networkMode === 'awsvpc';
  if (isAwsvpc === hasSubnets) return [];
  if (isAwsvpc) {
    return [
      {
        path: ['networkMode'],
        sentence: "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        remedy: 'Give subnets to the cluster (--launch {"type": …, "subnets": [ … ]})',
      },
    ];
  }
  return [
    {
      path: ['networkMode'],
      sentence: 'Network Configuration is not valid for the given networkMode of this task definition.',
      remedy: 'Set networkMode to awsvpc, or take the subnets out of the cluster',
    },
  ];
}

/**
 * Returns why ECS Exec would not work ("Using ECS Exec", considerations): its agent writes to the container and calls
 * Systems Manager with the role of the task. RunTask accepts such a task, and only the shell never comes.
 */
export function findExecuteCommandFaults(
  definition: JudgedDefinition,
  launch: LaunchTraits,
  { enableExecuteCommand, overrides }: JudgedRunTask,
): DefinitionFinding[] {
  if (!enableExecuteCommand) return [];
  const found: DefinitionFinding[] = [];
  const path = ['runTask', 'enableExecuteCommand'];
  const { containerDefinitions: containers, pidMode } = definition;
  const readOnly = containers.find(({ readonlyRootFilesystem }) => readonlyRootFilesystem === true);
  if (readOnly) {
    const sentence = `ECS Exec cannot start in the container ${readOnly.name ?? ''}, whose root filesystem is read-only.`;
    found.push({ path, sentence, remedy: 'Set readonlyRootFilesystem to false, or enableExecuteCommand to false' });
  }
  if (pidMode === 'task' && containers.length > 1) {
    const sentence = 'With pidMode task, ECS Exec reaches one container of a task only, and not surely the build.';
    found.push({ path, sentence, remedy: 'Remove pidMode (null), or set enableExecuteCommand to false' });
  }
  // On EC2 the role of the machine may have the rights.
  if (launch.kind === 'fargate' && (definition.taskRoleArn ?? overrides?.taskRoleArn) === undefined) {
    const sentence = 'ECS Exec needs a valid taskRoleArn.';
    found.push({ path, sentence, remedy: 'Set taskRoleArn to a role with the rights ssmmessages:*, or switch it off' });
  }
  return found;
}

function ebsFaults(definition: JudgedDefinition, { volumeConfigurations = [] }: JudgedRunTask): DefinitionFinding[] {
  const { volumes = [] } = definition;
  const configured = new Set(volumeConfigurations.map(({ name }) => name));
  const found: DefinitionFinding[] = volumeConfigurations.flatMap(({ name }, index) =>
    volumes.some((volume) => volume.name === name && volume.configuredAtLaunch === true)
      ? []
      : [
          {
            path: ['runTask', 'volumeConfigurations', index, 'name'],
            sentence: `The task definition has no volume '${name}' with configuredAtLaunch.`,
            remedy: `Add to volumes: { name: ${name}, configuredAtLaunch: true }`,
          },
        ],
  );
  const bare = volumes.findIndex(
    ({ name, configuredAtLaunch }) => configuredAtLaunch === true && !configured.has(name ?? ''),
  );
  if (bare < 0) return found;
  const sentence = `The volume '${volumes[bare]?.name ?? ''}' is configured at launch, and no launch configures it.`;
  const remedy = 'Add it to runTask.volumeConfigurations, with the role that makes it';
  return [...found, { path: ['volumes', bare, 'configuredAtLaunch'], sentence, remedy }];
}
