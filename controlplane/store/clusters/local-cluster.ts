import { Secret } from '../../../shared/support/secret.ts';
import { DEFAULT_CLUSTER, type StoredCluster } from './ecs-cluster-store.ts';

/** Local ECS at an address, as the cluster that is used when none was chosen. */
export function localCluster(endpoint: string): StoredCluster {
  return {
    name: DEFAULT_CLUSTER,
    region: 'local',
    cluster: 'default',
    // Local ECS takes any credentials; without some the SDK would look for real ones.
    accessKeyId: 'local',
    secretAccessKey: new Secret('local'),
    roleArn: null,
    endpoint,
    launch: { type: 'ec2' },
  };
}
