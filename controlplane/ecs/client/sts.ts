import type { STSClient } from '@aws-sdk/client-sts';
import { accountOf } from '../config/cluster-location.ts';
import { endpointOf } from './aws-connection.ts';
import { AssumeRoleError, storedCredentials, type AwsCredentials, type RoleSession } from './credentials.ts';
import type { EcsCluster } from '../config/cluster.ts';
import type { NodeProxy } from './proxy.ts';
import { sdkOptions } from './sdk-options.ts';

// The longest time that a role may be had for by a caller that has a role itself (API reference, AssumeRole, DurationSeconds).
const SESSION_SECONDS = 3_600;

export interface StsOptions {
  readonly cluster: EcsCluster;
  readonly proxy: NodeProxy;
  readonly sessionName: () => string;
}

/** Assumes the role of the cluster with its stored credentials, or with those of the node. Throws AssumeRoleError. */
export async function assumeRole({ cluster, proxy, sessionName }: StsOptions, roleArn: string): Promise<RoleSession> {
  try {
    return await withSts({ cluster, proxy, credentials: storedCredentials(cluster) }, async (client, sts) => {
      const command = new sts.AssumeRoleCommand({
        RoleArn: roleArn,
        RoleSessionName: sessionName(),
        DurationSeconds: SESSION_SECONDS,
        ...(cluster.externalId ? { ExternalId: cluster.externalId } : {}),
      });
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = (await client.send(command)).Credentials ?? {};
      if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
        throw new Error('the answer of STS holds no credentials');
      }
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiration: Expiration,
      };
    });
  } catch (error) {
    throw new AssumeRoleError(roleArn, cluster, error);
  }
}

/** Asks STS for the account of these credentials; null when the cluster has no STS. */
export async function askAccount(parts: {
  readonly cluster: EcsCluster;
  readonly proxy: NodeProxy;
  readonly credentials: AwsCredentials | null;
}): Promise<string | null> {
  if (endpointOf('sts', parts.cluster) === 'none') return null;
  return withSts(parts, async (client, sts) => {
    const { Account, Arn } = await client.send(new sts.GetCallerIdentityCommand({}));
    return Account ?? accountOf(Arn ?? null);
  });
}

/** STS is asked once an hour, so its part of the SDK is loaded when it is needed, and its client closed again. */
async function withSts<T>(
  parts: Parameters<typeof sdkOptions>[1],
  ask: (client: STSClient, sts: typeof import('@aws-sdk/client-sts')) => Promise<T>,
): Promise<T> {
  const sts = await import('@aws-sdk/client-sts');
  const client = new sts.STSClient(sdkOptions('sts', parts));
  try {
    return await ask(client, sts);
  } finally {
    client.destroy();
  }
}
