// Operations of ECS that local ECS has nothing for, each with the reason. A client that calls one learns that the operation exists.

const NO_SERVICES = 'it has no services';
const NO_PROVIDERS = 'its capacity providers are names, and its machines are made at its start';
const NO_AGENTS = 'its machines have no ECS agent';
const NO_EXPRESS = 'it has no Express services';
const NO_DAEMONS = 'it has no daemons';
const NO_GATEWAYS = 'it has no gateways';

const REASONS: ReadonlyMap<string, string> = new Map([
  ...each(NO_SERVICES, [
    'ContinueServiceDeployment',
    'CreateService',
    'CreateTaskSet',
    'DeleteService',
    'DeleteTaskSet',
    'DescribeServiceDeployments',
    'DescribeServiceRevisions',
    'DescribeTaskSets',
    'ListServiceDeployments',
    'ListServicesByNamespace',
    'StopServiceDeployment',
    'UpdateService',
    'UpdateServicePrimaryTaskSet',
    'UpdateTaskSet',
  ]),
  ...each(NO_PROVIDERS, ['CreateCapacityProvider', 'DeleteCapacityProvider', 'UpdateCapacityProvider']),
  ...each(NO_AGENTS, [
    'DeregisterContainerInstance',
    'DiscoverPollEndpoint',
    'RegisterContainerInstance',
    'SubmitAttachmentStateChanges',
    'SubmitContainerStateChange',
    'SubmitTaskStateChange',
  ]),
  ...each(NO_EXPRESS, [
    'CreateExpressGatewayService',
    'DeleteExpressGatewayService',
    'DescribeExpressGatewayService',
    'UpdateExpressGatewayService',
  ]),
  ...each(NO_GATEWAYS, [
    'AssociateGatewayWithCluster',
    'CreateGateway',
    'DeleteGateway',
    'DescribeGateway',
    'DescribeGatewayResources',
    'DescribeGatewayRoute',
    'DisassociateGatewayFromCluster',
    'ListGatewayClusterAssociations',
    'ListGatewayRoutes',
    'ListGateways',
    'UpdateGateway',
  ]),
  ...each(NO_DAEMONS, [
    'CreateDaemon',
    'DeleteDaemon',
    'DeleteDaemonTaskDefinition',
    'DescribeDaemon',
    'DescribeDaemonDeployments',
    'DescribeDaemonRevisions',
    'DescribeDaemonTaskDefinition',
    'ListDaemonDeployments',
    'ListDaemonTaskDefinitions',
    'ListDaemons',
    'RegisterDaemonTaskDefinition',
    'UpdateDaemon',
  ]),
]);

/** Returns why local ECS does not have this operation of ECS; null for one that ECS does not have either. */
export function whyNotHere(operation: string): string | null {
  const reason = REASONS.get(operation);
  return reason === undefined
    ? null
    : `Local ECS does not support ${operation}: ${reason}. Use Amazon ECS for what needs it.`;
}

function each(reason: string, names: readonly string[]): [string, string][] {
  return names.map((name) => [name, reason]);
}
