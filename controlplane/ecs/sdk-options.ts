import type { EcsCluster } from './cluster.ts';

// The slowest ECS calls we know of take a few seconds. A connection that hangs must not hold a launch for longer.
const REQUEST_TIMEOUT_MS = 20_000;
const CONNECTION_TIMEOUT_MS = 3_000;

/** Returns the options of every AWS client of one cluster. */
export function sdkOptions({ region, endpoint, accessKeyId, secretAccessKey }: EcsCluster) {
  return {
    region,
    ...(endpoint ? { endpoint } : {}),
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
    // We shape rates and retries ourselves: several nodes share one quota, which no single client can know.
    maxAttempts: 1,
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, connectionTimeout: CONNECTION_TIMEOUT_MS },
  };
}
