import type { AwsCredentials } from './credentials.ts';
import type { EcsCluster } from '../config/cluster.ts';
import { endpointOf, type AwsService } from './aws-connection.ts';
import { openProxyAgent, type NodeProxy } from './proxy.ts';

// The slowest ECS calls we know of take a few seconds. A connection that hangs must not hold a launch for longer.
const REQUEST_TIMEOUT_MS = 20_000;
const CONNECTION_TIMEOUT_MS = 3_000;

/** What every AWS client of one cluster is made of. */
export interface SdkParts {
  readonly cluster: EcsCluster;
  /** Null: the SDK's default credential chain. */
  readonly credentials: AwsCredentials | null;
  readonly proxy: NodeProxy;
}

/** Returns the options of an AWS client of one cluster. */
export function sdkOptions(service: AwsService, { cluster, credentials, proxy }: SdkParts) {
  const { region, connection } = cluster;
  const endpoint = endpointOf(service, cluster);
  if (endpoint === 'none') throw new Error(`the cluster ${cluster.name} has no ${service}`);
  const agent = openProxyAgent(connection?.proxy, proxy);
  return {
    region,
    // The SDK refuses an own address together with a choice among Amazon's.
    ...(endpoint
      ? { endpoint }
      : { useFipsEndpoint: connection?.fips ?? false, useDualstackEndpoint: connection?.dualStack ?? false }),
    ...(credentials ? { credentials } : {}),
    // We shape rates and retries ourselves: several nodes share one quota, which no single client can know.
    maxAttempts: 1,
    requestHandler: {
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Without this the SDK only writes a line to the screen when the time is over, and waits on.
      throwOnRequestTimeout: true,
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      ...(agent ? { httpAgent: agent, httpsAgent: agent } : {}),
    },
  };
}
