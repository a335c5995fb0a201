import { findLaunchFaults, isFargateProvider } from '../../containers/rules/launch-rules.ts';
import { findOverrideFaults } from '../../containers/rules/override-rules.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { NOT_ASSOCIATED } from './cluster-input.ts';
import type { LocalCluster, LocalDefinition } from '../local-state.ts';
import { checkPlacement } from '../placement/placement-rules.ts';
import type { RunTaskInput } from './run-task-input.ts';
import { isOnFargate, isPlatformKnown, whyRequestRefused } from './run-task-rules.ts';
import { checkTags } from './tags-input.ts';

/** The limit of the Amazon ECS API reference, TaskOverride. */
const MAX_OVERRIDES_CHARACTERS = 8_192;

/** Throws ECS's error for a request that ECS refuses whatever its cluster and its definition. */
export function checkRequest(request: RunTaskInput): void {
  const refused = whyRequestRefused(request);
  if (refused !== null) throw invalid(refused);
  if (!isPlatformKnown(request)) {
    throw new AwsError('PlatformUnknownException', "The specified platform version doesn't exist.");
  }
  checkTags(request.tags);
  checkPlacement(request);
}

/** Throws ECS's error for capacity providers that the cluster has not. Every cluster here has those of Fargate. */
export function checkProviders({ capacityProviderStrategy: providers }: RunTaskInput, cluster: LocalCluster): void {
  const isThere = (name: string): boolean => isFargateProvider(name) || cluster.capacityProviders.includes(name);
  if (providers.every(({ capacityProvider }) => isThere(capacityProvider))) return;
  throw invalid(NOT_ASSOCIATED);
}

/** Throws ECS's error for a request that this definition cannot be launched with. */
export function checkRunTask(request: RunTaskInput, definition: LocalDefinition): void {
  if (definition.status !== 'ACTIVE') throw new AwsError('ClientException', 'TaskDefinition is inactive');
  checkOverrides(request, definition);
  checkLaunch(request, definition);
}

function checkOverrides({ overrides }: RunTaskInput, definition: LocalDefinition): void {
  const { length } = JSON.stringify(overrides);
  if (length > MAX_OVERRIDES_CHARACTERS) {
    throw invalid(`Container Overrides length must be at most ${MAX_OVERRIDES_CHARACTERS}`);
  }
  const defined = new Set(definition.input.containerDefinitions.map((container) => container.name));
  const names = overrides.containerOverrides.map(({ name }) => name);
  const stranger = names.find((name) => !defined.has(name));
  if (stranger !== undefined || names.includes(undefined)) {
    throw invalid(`Override for container named ${stranger ?? 'null'} is not a container in the TaskDefinition.`);
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalid(`There are two overrides for the container named ${twice}.`);
}

function checkLaunch(request: RunTaskInput, definition: LocalDefinition): void {
  const { networkConfiguration, overrides } = request;
  const launch = {
    kind: isOnFargate(request) ? ('fargate' as const) : ('ec2' as const),
    hasSubnets: (networkConfiguration?.awsvpcConfiguration?.subnets.length ?? 0) > 0,
  };
  const [fault] = [
    ...findLaunchFaults(definition.input, launch, request),
    ...findOverrideFaults(definition.input, launch, overrides),
  ];
  if (fault) throw invalid(fault.sentence);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
