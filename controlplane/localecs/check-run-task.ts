import { findLaunchFaults, isFargateProvider } from '../containers/launch-rules.ts';
import { findOverrideFaults } from '../containers/override-rules.ts';
import { AwsError } from './aws-error.ts';
import type { LocalDefinition } from './local-state.ts';
import type { RunTaskInput } from './run-task-input.ts';

/** The limit of the Amazon ECS API reference, TaskOverride. */
const MAX_OVERRIDES_CHARACTERS = 8_192;

/** Throws ECS's error for a request that this definition cannot be launched with. */
export function checkRunTask(request: RunTaskInput, definition: LocalDefinition): void {
  if (definition.status !== 'ACTIVE') throw new AwsError('ClientException', 'TaskDefinition is inactive');
  checkOverrides(request, definition);
  checkLaunch(request, definition);
}

/** Whether the task runs on Fargate and not on an instance of the cluster. */
export function isOnFargate({ launchType, capacityProviderStrategy }: RunTaskInput): boolean {
  const [first] = capacityProviderStrategy;
  return first === undefined ? launchType === 'FARGATE' : isFargateProvider(first.capacityProvider);
}

function checkOverrides(request: RunTaskInput, definition: LocalDefinition): void {
  const { length } = JSON.stringify(request.overrides);
  if (length > MAX_OVERRIDES_CHARACTERS) {
    throw invalid(`Container Overrides length must be at most ${MAX_OVERRIDES_CHARACTERS}`);
  }
  const names = new Set(definition.input.containerDefinitions.map((container) => container.name));
  const stranger = request.overrides.containerOverrides.find((override) => !names.has(override.name));
  if (stranger) {
    throw invalid(`Override for container named ${stranger.name} is not a container in the TaskDefinition.`);
  }
}

function checkLaunch(request: RunTaskInput, definition: LocalDefinition): void {
  const { launchType, capacityProviderStrategy: providers, networkConfiguration } = request;
  if (launchType !== undefined && providers.length > 0) {
    throw invalid(
      'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.',
    );
  }
  const launch = {
    kind: isOnFargate(request) ? ('fargate' as const) : ('ec2' as const),
    hasSubnets: (networkConfiguration?.awsvpcConfiguration?.subnets.length ?? 0) > 0,
  };
  const [fault] = [
    ...findLaunchFaults(definition.input, launch, request),
    ...findOverrideFaults(definition.input, launch, request.overrides),
  ];
  if (fault) throw invalid(fault.sentence);
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}
