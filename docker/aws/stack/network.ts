import { aws_ec2 as ec2, Fn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Parameters } from './parameters.ts';

/**
 * `nat`: the load balancer has public addresses, and builds reach the internet through NAT gateways. `endpoints`: nothing
 * leads to or from the internet; AWS is reached through VPC endpoints, and people come through a VPN or a peered VPC.
 */
export type NetworkKind = 'nat' | 'endpoints';

export const SUBNETS = { public: 'public', nodes: 'nodes', builds: 'builds', database: 'database' } as const;

/** Ports that Docker gives to containers on bridge networks (ephemeral range of Linux, up to its end). */
export const DYNAMIC_PORTS = { from: 32_768, to: 65_535 } as const;
export const SSH_PORT = 22;
export const API_PORT = 8090;

export interface Network {
  readonly kind: NetworkKind;
  readonly vpc: ec2.Vpc;
  readonly balancer: ec2.SecurityGroup;
  readonly nodes: ec2.SecurityGroup;
  readonly database: ec2.SecurityGroup;
  /** Containers of builds with an address of their own: on Fargate, and on machines with awsvpc. */
  readonly builds: ec2.SecurityGroup;
  /** Machines, whose containers on bridge networks are reached at ports of the machine. */
  readonly machines: ec2.SecurityGroup;
}

export function createNetwork(scope: Construct, kind: NetworkKind, { allowedRange }: Parameters): Network {
  const vpc = createVpc(scope, kind);
  const group = (id: string, description: string, allowAllOutbound = false): ec2.SecurityGroup =>
    new ec2.SecurityGroup(scope, id, { vpc, description, allowAllOutbound });
  const network: Network = {
    kind,
    vpc,
    balancer: group('BalancerGroup', 'Load balancer of the control plane'),
    nodes: group('NodeGroup', 'Nodes of the control plane'),
    database: group('DatabaseGroup', 'Database of the control plane'),
    builds: group('BuildGroup', 'Containers of builds with an address of their own', true),
    machines: group('MachineGroup', 'Machines whose containers are reached at dynamic host ports', true),
  };
  connectGroups(network, allowedRange);
  if (kind === 'endpoints') createEndpoints(scope, vpc);
  return network;
}

function createVpc(scope: Construct, kind: NetworkKind): ec2.Vpc {
  const inner = kind === 'nat' ? ec2.SubnetType.PRIVATE_WITH_EGRESS : ec2.SubnetType.PRIVATE_ISOLATED;
  const vpc = new ec2.Vpc(scope, 'Vpc', {
    ipAddresses: ec2.IpAddresses.cidr('10.64.0.0/16'),
    maxAzs: 2,
    // One in each zone: builds of the other zone go on when one is lost.
    natGateways: kind === 'nat' ? 2 : 0,
    subnetConfiguration: [
      ...(kind === 'nat' ? [{ name: SUBNETS.public, subnetType: ec2.SubnetType.PUBLIC, cidrMask: 24 }] : []),
      { name: SUBNETS.nodes, subnetType: inner, cidrMask: 24 },
      { name: SUBNETS.builds, subnetType: inner, cidrMask: 20 },
      { name: SUBNETS.database, subnetType: ec2.SubnetType.PRIVATE_ISOLATED, cidrMask: 26 },
    ],
  });
  // Layers of images come from S3: the gateway costs nothing, and a NAT gateway costs for each gigabyte.
  vpc.addGatewayEndpoint('S3', { service: ec2.GatewayVpcEndpointAwsService.S3 });
  return vpc;
}

function connectGroups(
  { kind, vpc, balancer, nodes, database, builds, machines }: Network,
  allowedRange: string,
): void {
  const https = ec2.Port.tcp(443);
  balancer.addIngressRule(ec2.Peer.ipv4(allowedRange), https, 'People and their programs');
  if (kind === 'nat') {
    // Containers call the public name, so they come from the addresses of the NAT gateways.
    vpc.publicSubnets.forEach((subnet, index) => {
      const { ref } = subnet.node.findChild('EIP') as ec2.CfnEIP;
      balancer.addIngressRule(ec2.Peer.ipv4(Fn.join('/', [ref, '32'])), https, `Containers, zone ${index + 1}`);
    });
  } else {
    balancer.addIngressRule(builds, https, 'Containers with an address of their own');
    balancer.addIngressRule(machines, https, 'Containers on bridge networks of machines');
    balancer.addIngressRule(nodes, https, 'wipctl check: whether the public name leads here');
  }
  balancer.addEgressRule(nodes, ec2.Port.tcp(API_PORT), 'Requests and health checks');
  nodes.addIngressRule(balancer, ec2.Port.tcp(API_PORT), 'Requests and health checks');
  nodes.addEgressRule(ec2.Peer.anyIpv4(), https, 'AWS, and requests of tasks (outgoing_hosts)');
  nodes.addEgressRule(database, ec2.Port.tcp(5432), 'PostgreSQL');
  nodes.addEgressRule(builds, ec2.Port.tcp(SSH_PORT), 'SSH, awsvpc');
  const dynamic = ec2.Port.tcpRange(DYNAMIC_PORTS.from, DYNAMIC_PORTS.to);
  nodes.addEgressRule(machines, dynamic, 'SSH, bridge networks');
  database.addIngressRule(nodes, ec2.Port.tcp(5432), 'PostgreSQL');
  builds.addIngressRule(nodes, ec2.Port.tcp(SSH_PORT), 'SSH, awsvpc');
  machines.addIngressRule(nodes, dynamic, 'SSH, bridge networks');
}

/** Each is a service that a node, a machine or Fargate calls. */
const ENDPOINTS: Readonly<Record<string, ec2.InterfaceVpcEndpointAwsService>> = {
  Ec2: ec2.InterfaceVpcEndpointAwsService.EC2,
  Ecs: ec2.InterfaceVpcEndpointAwsService.ECS,
  EcsAgent: ec2.InterfaceVpcEndpointAwsService.ECS_AGENT,
  EcsTelemetry: ec2.InterfaceVpcEndpointAwsService.ECS_TELEMETRY,
  EcrApi: ec2.InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
  Secrets: ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
  Sqs: ec2.InterfaceVpcEndpointAwsService.SQS,
  Sts: ec2.InterfaceVpcEndpointAwsService.STS,
};

function createEndpoints(scope: Construct, vpc: ec2.Vpc): void {
  const group = new ec2.SecurityGroup(scope, 'EndpointGroup', {
    vpc,
    description: 'Endpoints of AWS services',
    allowAllOutbound: false,
  });
  group.addIngressRule(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.tcp(443), 'Nodes, machines and Fargate');
  for (const [id, service] of Object.entries(ENDPOINTS)) {
    vpc.addInterfaceEndpoint(id, {
      service,
      securityGroups: [group],
      subnets: { subnetGroupName: SUBNETS.nodes },
      open: false,
    });
  }
}
