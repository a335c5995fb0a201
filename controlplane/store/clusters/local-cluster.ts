import type { Secret } from '../../../shared/keys/secret.ts';
import { DEFAULT_CLUSTER, type StoredCluster } from './ecs-cluster-store.ts';

export interface LocalEndpoint {
  readonly endpoint: string;
  readonly accessKey: { readonly accessKeyId: string; readonly secretAccessKey: Secret<string> };
}

/** Returns local ECS at an address as the cluster `default`, which is used when none was chosen. */
export function localCluster({ endpoint, accessKey }: LocalEndpoint): StoredCluster {
  return {
    name: DEFAULT_CLUSTER,
    region: 'local',
    cluster: 'default',
    accessKeyId: accessKey.accessKeyId,
    secretAccessKey: accessKey.secretAccessKey,
    roleArn: null,
    endpoint,
    launch: { type: 'ec2' },
  };
}
