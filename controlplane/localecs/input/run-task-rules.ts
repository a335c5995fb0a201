import { isFargateProvider } from '../../containers/rules/launch-rules.ts';
import type { RunTaskInput } from './run-task-input.ts';

// What RunTask refuses whatever the definition, in the words of ECS where they are public. Numbers are those of the Amazon
// ECS API reference, RunTask.

const MAX_COUNT = 10;
const MAX_STARTED_BY = 128;
const MAX_CLIENT_TOKEN = 64;
const MAX_REFERENCE_ID = 1_024;
const MAX_GROUP = 255;
const MAX_SUBNETS = 16;
const MAX_SECURITY_GROUPS = 5;
const MAX_CONSTRAINTS = 10;
const MAX_STRATEGIES = 5;
const MAX_PROVIDERS = 20;
const MAX_WEIGHT = 1_000;
const MAX_BASE = 100_000;
const PLATFORM_VERSIONS = ['LATEST', '1.4.0', '1.3.0'];

/** Whether the task runs on Fargate and not on an instance of the cluster. */
export function isOnFargate({ launchType, capacityProviderStrategy }: RunTaskInput): boolean {
  const [first] = capacityProviderStrategy;
  return first === undefined ? launchType === 'FARGATE' : isFargateProvider(first.capacityProvider);
}

/** Returns why ECS would refuse these values of a request; null when it would not. */
export function whyRequestRefused(request: RunTaskInput): string | null {
  return (
    whyTextRefused(request) ??
    whyNetworkRefused(request) ??
    whyPlacementRefused(request) ??
    whyProvidersRefused(request)
  );
}

function whyTextRefused({ count, startedBy, clientToken, group, referenceId, propagateTags }: RunTaskInput) {
  if (count < 1 || count > MAX_COUNT) return `count is ${count} and must be between 1 and ${MAX_COUNT}.`;
  if (startedBy !== undefined && startedBy.length > MAX_STARTED_BY) return `startedBy longer than ${MAX_STARTED_BY}.`;
  if (startedBy !== undefined && !/^[A-Za-z0-9\-/_]*$/.test(startedBy)) {
    return 'startedBy contains invalid characters. Valid characters: letters, numbers, - / and _.';
  }
  if (clientToken !== undefined && clientToken.length > MAX_CLIENT_TOKEN) {
    return `clientToken longer than ${MAX_CLIENT_TOKEN}.`;
  }
  if (clientToken !== undefined && !/^[!-~]+$/.test(clientToken)) {
    return 'clientToken contains invalid characters. Valid characters are in the range of 33-126.';
  }
  if (referenceId !== undefined && referenceId.length > MAX_REFERENCE_ID) {
    return `referenceId longer than ${MAX_REFERENCE_ID}.`;
  }
  if (group !== undefined && (group === '' || group.length > MAX_GROUP)) {
    return group === '' ? 'group can not be blank.' : `group longer than ${MAX_GROUP}.`;
  }
  if (group?.startsWith('service:') === true) return 'Invalid namespace for group.';
  return propagateTags === 'SERVICE' ? 'propagateTags of a task should be one of [TASK_DEFINITION,NONE]' : null;
}

function whyNetworkRefused(request: RunTaskInput): string | null {
  const network = request.networkConfiguration?.awsvpcConfiguration;
  if (!network) return null;
  if (network.subnets.length === 0) return 'subnets can not be empty.';
  if (network.subnets.length > MAX_SUBNETS) return `subnets can have at most ${MAX_SUBNETS} items.`;
  if ((network.securityGroups?.length ?? 0) > MAX_SECURITY_GROUPS) {
    return `securityGroups can have at most ${MAX_SECURITY_GROUPS} items.`;
  }
  const isPublic = network.assignPublicIp === 'ENABLED';
  return isPublic && !isOnFargate(request) ? 'Assign public IP is not supported for this launch type.' : null;
}

function whyPlacementRefused(request: RunTaskInput): string | null {
  const { placementConstraints, placementStrategy, platformVersion } = request;
  if (placementConstraints.length > MAX_CONSTRAINTS) {
    return `placementConstraints can have at most ${MAX_CONSTRAINTS} items.`;
  }
  if (placementStrategy.length > MAX_STRATEGIES) return `placementStrategy can have at most ${MAX_STRATEGIES} items.`;
  if (!isOnFargate(request)) {
    return platformVersion === undefined
      ? null
      : 'The platform version must be null when specifying an EC2 launch type.';
  }
  if (placementConstraints.length > 0) return 'Placement constraints are not supported with FARGATE launch type.';
  return placementStrategy.length > 0 ? 'Placement strategies are not supported with FARGATE launch type.' : null;
}

/** Whether this is a platform version of Fargate for Linux. ECS has an error of its own for one that is none. */
export function isPlatformKnown({ platformVersion = 'LATEST' }: RunTaskInput): boolean {
  return PLATFORM_VERSIONS.includes(platformVersion);
}

function whyProvidersRefused({ launchType, capacityProviderStrategy: providers }: RunTaskInput): string | null {
  if (providers.length === 0) return null;
  if (launchType !== undefined) {
    return 'Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.';
  }
  return whyStrategyRefused(providers);
}

/** Returns why ECS would refuse a capacity provider strategy, of a task or of a cluster; null when it would not. */
export function whyStrategyRefused(providers: RunTaskInput['capacityProviderStrategy']): string | null {
  if (providers.length === 0) return null;
  if (providers.length > MAX_PROVIDERS) return `capacityProviderStrategy can have at most ${MAX_PROVIDERS} items.`;
  const ofFargate = providers.filter(({ capacityProvider }) => isFargateProvider(capacityProvider));
  if (ofFargate.length > 0 && ofFargate.length < providers.length) {
    return (
      'A capacity provider strategy cannot contain a mix of capacity providers using Auto Scaling groups and Fargate ' +
      'providers. Specify one or the other and try again.'
    );
  }
  for (const { capacityProvider, weight, base } of providers) {
    if (weight < 0 || weight > MAX_WEIGHT) {
      return `The weight of ${capacityProvider} is ${weight} and must be between 0 and ${MAX_WEIGHT}.`;
    }
    if (base < 0 || base > MAX_BASE) {
      return `The base of ${capacityProvider} is ${base} and must be between 0 and ${MAX_BASE}.`;
    }
  }
  if (providers.filter(({ base }) => base > 0).length > 1) return 'Only one capacity provider can have a base.';
  const hasWeight = providers.length === 1 || providers.some(({ weight }) => weight > 0);
  return hasWeight ? null : 'At least one capacity provider must have a weight greater than zero.';
}
