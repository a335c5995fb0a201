import { epoch } from './action-context.ts';
import type { DefinitionInput, LocalDefinition } from '../local-state.ts';

type DefinedContainer = DefinitionInput['containerDefinitions'][number];
type Network = DefinitionInput['networkMode'];

/** Returns a definition in the format of DescribeTaskDefinition, with what ECS fills in for what was not given. */
export function definitionView(definition: LocalDefinition): object {
  const { input } = definition;
  return {
    volumes: [],
    placementConstraints: [],
    ...input,
    containerDefinitions: input.containerDefinitions.map((container) => containerView(container, input.networkMode)),
    compatibilities: compatibilitiesOf(input),
    taskDefinitionArn: definition.arn,
    revision: definition.revision,
    status: definition.status,
    registeredAt: epoch(definition.registeredAt),
    deregisteredAt: epoch(definition.deregisteredAt),
  };
}

/** ECS shows each launch type that a definition fits, also those that it does not require. */
function compatibilitiesOf({ requiresCompatibilities = [], networkMode }: DefinitionInput): readonly string[] {
  const external = networkMode === 'awsvpc' ? [] : ['EXTERNAL'];
  return [...new Set([...external, 'EC2', ...requiresCompatibilities])];
}

function containerView(container: DefinedContainer, network: Network): object {
  return {
    cpu: 0,
    essential: true,
    environment: [],
    mountPoints: [],
    volumesFrom: [],
    systemControls: [],
    ...container,
    portMappings: (container.portMappings ?? []).map((mapping) => ({
      ...(mapping.containerPort === undefined ? {} : { hostPort: hostPortOf(mapping.containerPort, network) }),
      protocol: 'tcp',
      ...mapping,
    })),
  };
}

/** In a bridge network 0 is a free port. Elsewhere a container has its own ports. */
function hostPortOf(containerPort: number, network: Network): number {
  return network === 'awsvpc' || network === 'host' ? containerPort : 0;
}
