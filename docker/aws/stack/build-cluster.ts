import {
  aws_autoscaling as autoscaling,
  aws_ec2 as ec2,
  aws_ecs as ecs,
  aws_events as events,
  aws_events_targets as targets,
  aws_iam as iam,
  aws_logs as logs,
  aws_sqs as sqs,
  Duration,
  RemovalPolicy,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SUBNETS, type Network } from './network.ts';
import type { Parameters } from './parameters.ts';
import { readPolicy } from './policies.ts';

/** Where builds run: machines that come and go with them, and Fargate. */
export interface BuildCluster {
  readonly cluster: ecs.Cluster;
  readonly machineProvider: string;
  readonly executionRole: iam.Role;
  readonly log: logs.LogGroup;
  /** Changes of containers, of which a node hears before it asks. */
  readonly events: sqs.Queue;
}

export function createBuildCluster(scope: Construct, network: Network, parameters: Parameters): BuildCluster {
  const cluster = new ecs.Cluster(scope, 'Cluster', { vpc: network.vpc, enableFargateCapacityProviders: true });
  const log = new logs.LogGroup(scope, 'BuildLog', {
    retention: logs.RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const executionRole = new iam.Role(scope, 'BuildExecutionRole', {
    assumedBy: new iam.ServicePrincipal('ecs-tasks.amazonaws.com'),
    inlinePolicies: {
      wip: readPolicy('build-execution', { Repository: parameters.buildRepository, BuildLogGroup: log.logGroupName }),
    },
  });
  return {
    cluster,
    machineProvider: addMachines(scope, cluster, { network, parameters }),
    executionRole,
    log,
    events: createEvents(scope, cluster),
  };
}

function addMachines(
  scope: Construct,
  cluster: ecs.Cluster,
  { network, parameters }: { readonly network: Network; readonly parameters: Parameters },
): string {
  const role = new iam.Role(scope, 'MachineRole', {
    assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    inlinePolicies: { wip: readPolicy('machine', { Cluster: cluster.clusterName }) },
  });
  const group = new autoscaling.AutoScalingGroup(scope, 'Machines', {
    vpc: network.vpc,
    vpcSubnets: { subnetGroupName: SUBNETS.builds },
    launchTemplate: new ec2.LaunchTemplate(scope, 'MachineTemplate', {
      instanceType: new ec2.InstanceType(parameters.machineType),
      machineImage: ecs.EcsOptimizedImage.amazonLinux2023(),
      securityGroup: network.machines,
      role: role.withoutPolicyUpdates(),
      userData: machineStart(),
      // Builds must not get the credentials of the machine: an answer with one hop does not reach a bridge network.
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: autoscaling.BlockDeviceVolume.ebs(100, {
            volumeType: autoscaling.EbsDeviceVolumeType.GP3,
            encrypted: true,
          }),
        },
      ],
    }),
    minCapacity: 0,
    maxCapacity: parameters.maxMachines,
    newInstancesProtectedFromScaleIn: true,
  });
  const provider = new ecs.AsgCapacityProvider(scope, 'MachineProvider', {
    autoScalingGroup: group,
    enableManagedScaling: true,
    // A machine with a build on it is never taken away.
    enableManagedTerminationProtection: true,
    enableManagedDraining: true,
  });
  cluster.addAsgCapacityProvider(provider);
  return provider.capacityProviderName;
}

/** What the ECS agent of a machine is told; the cluster's name is added by the capacity provider. */
function machineStart(): ec2.UserData {
  const start = ec2.UserData.forLinux();
  start.addCommands(
    // The same for containers with an address of their own, which hops do not keep away.
    'echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config',
    // Builds fill disks: what a container leaves is removed after ten minutes and not after three hours.
    'echo ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION=10m >> /etc/ecs/ecs.config',
    'mkdir -p /ecs/pipelines_config',
  );
  return start;
}

function createEvents(scope: Construct, cluster: ecs.Cluster): sqs.Queue {
  const queue = new sqs.Queue(scope, 'Events', {
    // A message is a hint, and the sweep asks by itself: an old one is worth nothing.
    retentionPeriod: Duration.hours(1),
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  });
  new events.Rule(scope, 'TaskChanges', {
    description: 'Changes of containers, for the nodes of Wip',
    eventPattern: {
      source: ['aws.ecs'],
      detailType: ['ECS Task State Change'],
      detail: { clusterArn: [cluster.clusterArn] },
    },
    targets: [new targets.SqsQueue(queue)],
  });
  return queue;
}
