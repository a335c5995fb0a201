import { ConnectionSettings, endpointOf } from '../ecs/client/aws-connection.ts';
import { accountOf, credentialOf, type ClusterLocation } from '../ecs/config/cluster-location.ts';
import { LaunchSettings, type EcsCluster } from '../ecs/config/cluster.ts';
import type { QuotaUser } from '../ecs/client/shared-quotas.ts';
import type { StoredCluster } from '../store/clusters/ecs-cluster-store.ts';

/** Returns where a cluster is, without the rest of its row. */
export function locationOf({ region, cluster, endpoint, accessKeyId, roleArn }: ClusterLocation): ClusterLocation {
  return { region, cluster, endpoint, accessKeyId, roleArn };
}

/** Whose quotas the calls of a row count against. Only this account can use its role, or a cluster named by its ARN. */
export function quotaUserOf(stored: StoredCluster): QuotaUser {
  const { region, cluster, endpoint, accessKeyId, roleArn } = stored;
  const ec2Endpoint = endpointOf('ec2', clusterOf(stored));
  return {
    identity: credentialOf({ accessKeyId, roleArn }),
    account: accountOf(roleArn) ?? accountOf(cluster),
    region,
    endpoint,
    ec2Endpoint,
  };
}

/** Returns a text that differs when anything differs that a client of the cluster was made with. */
export function rowIdentity({ secretAccessKey, sessionToken, ...plain }: StoredCluster): string {
  return JSON.stringify([plain, secretAccessKey?.reveal() ?? null, sessionToken?.reveal() ?? null]);
}

/** Returns a cluster as its row describes it, its secrets in clear. */
export function clusterOf(stored: StoredCluster): EcsCluster {
  const { name, region, cluster, accessKeyId, secretAccessKey, sessionToken, roleArn, externalId, endpoint } = stored;
  return {
    name,
    region,
    cluster,
    launch: LaunchSettings.parse(stored.launch),
    connection: ConnectionSettings.parse(stored.connection ?? {}),
    ...(accessKeyId ? { accessKeyId } : {}),
    ...(secretAccessKey ? { secretAccessKey: secretAccessKey.reveal() } : {}),
    ...(sessionToken ? { sessionToken: sessionToken.reveal() } : {}),
    ...(roleArn ? { roleArn } : {}),
    ...(externalId ? { externalId } : {}),
    ...(endpoint ? { endpoint } : {}),
  };
}
