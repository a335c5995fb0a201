import {
  aws_ecs as ecs,
  aws_elasticloadbalancingv2 as balancing,
  aws_iam as iam,
  aws_logs as logs,
  Duration,
  RemovalPolicy,
  Stack,
} from 'aws-cdk-lib';
import type { BuildCluster } from './build-cluster.ts';
import { API_PORT, SUBNETS, type Network } from './network.ts';
import { nodeEnvironment } from './node-environment.ts';
import type { Parameters } from './parameters.ts';
import { readPolicy } from './policies.ts';
import type { InstallationRecord } from './record.ts';

/**
 * What decides whether ECS keeps a node: it replaces what the load balancer calls unhealthy, and what its own check does.
 * /readyz is for neither, because it is 503 while the database is away, and then on every node at once. A node that cannot
 * serve a request answers it with 503 itself. One that ends leaves the load balancer before it gets SIGTERM: ECS
 * deregisters it first.
 */
const ALIVE_PATH = '/healthz';

export interface ControlPlane {
  readonly service: ecs.FargateService;
  readonly balancer: balancing.ApplicationLoadBalancer;
  readonly targets: balancing.ApplicationTargetGroup;
  readonly log: logs.LogGroup;
}

export interface ControlPlaneParts {
  readonly network: Network;
  readonly record: InstallationRecord;
  readonly builds: BuildCluster;
  readonly parameters: Parameters;
}

export function createControlPlane(scope: Stack, parts: ControlPlaneParts): ControlPlane {
  const log = new logs.LogGroup(scope, 'NodeLog', {
    retention: logs.RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const service = createService(scope, parts, createDefinition(scope, parts, log));
  return { service, log, ...createBalancer(scope, parts, service) };
}

function createDefinition(scope: Stack, parts: ControlPlaneParts, log: logs.LogGroup): ecs.FargateTaskDefinition {
  const { record, parameters } = parts;
  const definition = new ecs.FargateTaskDefinition(scope, 'NodeDefinition', {
    family: 'wip-control-plane',
    cpu: 1024,
    memoryLimitMiB: 2048,
    runtimePlatform: {
      cpuArchitecture: ecs.CpuArchitecture.X86_64,
      operatingSystemFamily: ecs.OperatingSystemFamily.LINUX,
    },
    taskRole: createTaskRole(scope, parts),
    executionRole: createExecutionRole(scope, parts, log).withoutPolicyUpdates(),
  });
  definition.addContainer('node', {
    image: ecs.ContainerImage.fromRegistry(parameters.controlPlaneImage),
    environment: nodeEnvironment(scope, parts),
    secrets: {
      WIP_MASTER_KEY: ecs.Secret.fromSecretsManager(record.masterKey),
      WIP_MASTER_KEYS_OLD: ecs.Secret.fromSecretsManager(record.oldMasterKeys),
      WIP_ADMIN_TOKEN: ecs.Secret.fromSecretsManager(record.adminToken),
      WIP_HOOKS: ecs.Secret.fromSecretsManager(record.hooks),
      PGPASSWORD: ecs.Secret.fromSecretsManager(record.databaseSecret, 'password'),
    },
    portMappings: [{ containerPort: API_PORT }],
    readonlyRootFilesystem: true,
    // ECS does not look at the health check of an image. The path is that of a process that lives: one that waits for its
    // database has nothing to gain from being replaced.
    healthCheck: {
      command: ['CMD', 'node', '-e', asksWhetherAlive()],
      interval: Duration.seconds(30),
      timeout: Duration.seconds(10),
      retries: 3,
      startPeriod: Duration.seconds(60),
    },
    // A node hands its tasks back and ends by itself; what it has not handed back others take over.
    stopTimeout: Duration.seconds(60),
    logging: ecs.LogDrivers.awsLogs({ logGroup: log, streamPrefix: 'wip', mode: ecs.AwsLogDriverMode.NON_BLOCKING }),
  });
  return definition;
}

function asksWhetherAlive(): string {
  const ask = `fetch('http://127.0.0.1:${API_PORT}${ALIVE_PATH}')`;
  return `${ask}.then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;
}

function createTaskRole(scope: Stack, { builds }: ControlPlaneParts): iam.IRole {
  const policy = readPolicy('control-plane', {
    Cluster: builds.cluster.clusterName,
    EventsQueue: builds.events.queueName,
    BuildLogGroup: builds.log.logGroupName,
    BuildExecutionRole: builds.executionRole.roleName,
  });
  const assumedBy = new iam.ServicePrincipal('ecs-tasks.amazonaws.com', {
    conditions: { StringEquals: { 'aws:SourceAccount': scope.account } },
  });
  return new iam.Role(scope, 'NodeRole', { assumedBy, inlinePolicies: { wip: policy } }).withoutPolicyUpdates();
}

function createExecutionRole(scope: Stack, { record, parameters }: ControlPlaneParts, log: logs.LogGroup): iam.Role {
  const policy = readPolicy('control-plane-execution', {
    Repository: parameters.controlPlaneRepository,
    ControlPlaneLogGroup: log.logGroupName,
    MasterKeySecret: record.masterKey.secretArn,
    OldMasterKeysSecret: record.oldMasterKeys.secretArn,
    AdminTokenSecret: record.adminToken.secretArn,
    HooksSecret: record.hooks.secretArn,
    DatabaseSecret: record.databaseSecret.secretArn,
  });
  const assumedBy = new iam.ServicePrincipal('ecs-tasks.amazonaws.com');
  return new iam.Role(scope, 'NodeExecutionRole', { assumedBy, inlinePolicies: { wip: policy } });
}

function createService(
  scope: Stack,
  { network, record, builds, parameters }: ControlPlaneParts,
  taskDefinition: ecs.FargateTaskDefinition,
): ecs.FargateService {
  const service = new ecs.FargateService(scope, 'NodeService', {
    cluster: builds.cluster,
    taskDefinition,
    desiredCount: parameters.nodes,
    vpcSubnets: { subnetGroupName: SUBNETS.nodes },
    securityGroups: [network.nodes],
    assignPublicIp: false,
    // Rolling: a new node answers before an old one ends, and a version that does not start is taken back.
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { rollback: true },
    // A node that migrates the database does not listen yet. Meanwhile ECS looks at neither check.
    healthCheckGracePeriod: Duration.minutes(10),
    propagateTags: ecs.PropagatedTagSource.SERVICE,
  });
  service.node.addDependency(record.database);
  return service;
}

function createBalancer(
  scope: Stack,
  { network, parameters }: ControlPlaneParts,
  service: ecs.FargateService,
): Pick<ControlPlane, 'balancer' | 'targets'> {
  const balancer = new balancing.ApplicationLoadBalancer(scope, 'Balancer', {
    vpc: network.vpc,
    internetFacing: network.kind === 'nat',
    vpcSubnets: { subnetGroupName: network.kind === 'nat' ? SUBNETS.public : SUBNETS.nodes },
    securityGroup: network.balancer,
    dropInvalidHeaderFields: true,
    // Live output is one long answer, with a comment every 15 s; a request may take 60 s.
    idleTimeout: Duration.seconds(120),
  });
  const targets = new balancing.ApplicationTargetGroup(scope, 'NodeTargets', {
    vpc: network.vpc,
    port: API_PORT,
    protocol: balancing.ApplicationProtocol.HTTP,
    targetType: balancing.TargetType.IP,
    targets: [service],
    deregistrationDelay: Duration.seconds(60),
    healthCheck: {
      // A new node gets requests as soon as it answers, which is when the schema of its database is that of its version.
      path: ALIVE_PATH,
      healthyHttpCodes: '200',
      interval: Duration.seconds(15),
      healthyThresholdCount: 2,
      // 75 s without an answer: a node that is only busy has given one by then.
      unhealthyThresholdCount: 5,
    },
  });
  balancer.addListener('Https', {
    port: 443,
    open: false,
    certificates: [{ certificateArn: parameters.certificateArn }],
    sslPolicy: balancing.SslPolicy.TLS13_RES,
    defaultTargetGroups: [targets],
  });
  return { balancer, targets };
}
