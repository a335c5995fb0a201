import { randomUUID } from 'node:crypto';
import { DescribeSecurityGroupsCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  DeleteClusterCommand,
  DeregisterTaskDefinitionCommand,
  ECSClient,
  ListContainerInstancesCommand,
} from '@aws-sdk/client-ecs';
import { systemClock } from '../../../shared/time/clock.ts';
import { LaunchSettings, type EcsCluster } from '../../../controlplane/ecs/config/cluster.ts';
import { openEcsClient, type EcsClient } from '../../../controlplane/ecs/client/ecs-client.ts';
import { ECS_QUOTAS } from '../../../controlplane/ecs/client/quotas.ts';
import { createBuckets } from '../../../controlplane/ecs/client/shared-quotas.ts';
import { silentLog, startTestEcs } from '../../kit/ecs/local-ecs.ts';

/** A server that speaks the protocol of ECS, with a cluster of the suite's own on it. */
export interface EcsPeer {
  readonly name: string;
  readonly client: EcsClient;
  readonly launch: LaunchSettings;
  /** Opens a client of another cluster there. */
  clientOf(cluster: string): EcsClient;
  readonly clusterName: string;
  close(): Promise<void>;
}

const SOME_SUBNET = 'subnet-0123456789abcdef0';
const SOME_GROUP = 'sg-0123456789abcdef0';

type Access = Required<Pick<EcsCluster, 'region' | 'endpoint' | 'accessKeyId' | 'secretAccessKey'>>;

/** Where the suite runs, for its name: the address in WIP_PEER_ECS, or local ECS. */
export const PEER_URL = process.env['WIP_PEER_ECS'];

/**
 * Opens the peer. Of another server these may be told: AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (any, where
 * it checks no signatures), and WIP_PEER_ECS_LAUNCH, how tasks are launched as in `wipctl clusters save --launch`.
 * Without that, tasks go to container instances when the cluster has some, and else to Fargate.
 */
export function openPeer(): Promise<EcsPeer> {
  return PEER_URL === undefined ? openLocal() : openOther(PEER_URL);
}

async function openLocal(): Promise<EcsPeer> {
  const test = await startTestEcs();
  const { accessKey, endpoint } = test.ecs;
  const access = {
    region: 'local',
    endpoint,
    accessKeyId: accessKey.accessKeyId,
    secretAccessKey: accessKey.secretAccessKey.reveal(),
  };
  const peer = await openAt('local ECS', access, { type: 'ec2' });
  return {
    ...peer,
    async close() {
      await peer.close();
      await test.close();
    },
  };
}

async function openOther(endpoint: string): Promise<EcsPeer> {
  const access = {
    region: process.env['AWS_REGION'] ?? 'us-east-1',
    endpoint,
    accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'test',
    secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'test',
  };
  const given = process.env['WIP_PEER_ECS_LAUNCH'];
  const launch = given === undefined ? null : LaunchSettings.parse(JSON.parse(given));
  return openAt(endpoint, access, launch);
}

async function openAt(name: string, access: Access, wanted: LaunchSettings | null): Promise<EcsPeer> {
  const options = { ...access, name: 'peer', launch: { type: 'ec2' as const } };
  const sdk = new ECSClient(plainOptions(access));
  const clusterName = `wip-contract-${randomUUID().slice(0, 8)}`;
  await sdk.send(new CreateClusterCommand({ clusterName }));
  const launch = wanted ?? (await findLaunch(sdk, access, clusterName));
  const buckets = createBuckets(ECS_QUOTAS, { liveNodes: () => 1, clock: systemClock });
  const opened: EcsClient[] = [];
  const definitions: string[] = [];
  const clientOf = (cluster: string): EcsClient => {
    const client = openEcsClient({
      cluster: { ...options, cluster, launch },
      quotas: () => buckets,
      clock: systemClock,
      random: Math.random,
      log: silentLog,
    });
    opened.push(client);
    return client;
  };
  const client = clientOf(clusterName);
  return {
    name,
    launch,
    clusterName,
    clientOf,
    client: {
      ...client,
      async registerTaskDefinition(definition) {
        const registered = await client.registerTaskDefinition(definition);
        definitions.push(registered.arn);
        return registered;
      },
    },
    async close() {
      // What is left on somebody's server is removed as far as that server lets it be.
      const arns = await client.listTasks({ desiredStatus: 'RUNNING' });
      for (const arn of arns) await client.stopTask(arn, 'wip: the contract suite is over').catch(ignore);
      for (const taskDefinition of definitions) {
        await sdk.send(new DeregisterTaskDefinitionCommand({ taskDefinition })).catch(ignore);
      }
      await sdk.send(new DeleteClusterCommand({ cluster: clusterName })).catch(ignore);
      for (const each of opened) each.close();
      sdk.destroy();
    },
  };
}

/** The suite prepares with clients of its own: they are no part of the contract. */
function plainOptions({ region, endpoint, accessKeyId, secretAccessKey }: Access) {
  return { region, endpoint, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 };
}

/** Cleaning up is no part of the contract. */
function ignore(): void {
  return undefined;
}

async function findLaunch(sdk: ECSClient, access: Access, cluster: string): Promise<LaunchSettings> {
  const { containerInstanceArns = [] } = await sdk.send(new ListContainerInstancesCommand({ cluster }));
  if (containerInstanceArns.length > 0) return { type: 'ec2' };
  return { type: 'fargate', ...(await findNetwork(access)), assignPublicIp: false };
}

/** Returns a network of the server's EC2; any names where it has none. */
async function findNetwork(access: Access): Promise<{ subnets: string[]; securityGroups: string[] }> {
  const ec2 = new EC2Client(plainOptions(access));
  try {
    const { Subnets: [subnet] = [] } = await ec2.send(new DescribeSubnetsCommand({}));
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
    const group = SecurityGroups.find(({ VpcId }) => VpcId === subnet?.VpcId);
    return { subnets: [subnet?.SubnetId ?? SOME_SUBNET], securityGroups: [group?.GroupId ?? SOME_GROUP] };
  } catch {
    return { subnets: [SOME_SUBNET], securityGroups: [SOME_GROUP] };
  } finally {
    ec2.destroy();
  }
}
