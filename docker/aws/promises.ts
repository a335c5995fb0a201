import { Match, Template } from 'aws-cdk-lib/assertions';
import type { NetworkKind } from './stack/network.ts';

// What docker/README.md promises about the templates. test/unit/aws holds the committed files to what needs no CDK.

type Check = (template: Template, kind: NetworkKind) => void;

const NETWORK: Readonly<Record<string, Check>> = {
  'two zones, with a NAT gateway in each or with endpoints': (template, kind) => {
    template.resourceCountIs('AWS::EC2::NatGateway', kind === 'nat' ? 2 : 0);
    template.resourceCountIs('AWS::EC2::InternetGateway', kind === 'nat' ? 1 : 0);
    // S3 in both.
    template.resourceCountIs('AWS::EC2::VPCEndpoint', kind === 'nat' ? 1 : 11);
    template.resourceCountIs('AWS::EC2::Subnet', kind === 'nat' ? 8 : 6);
  },
  'the load balancer is public only where the network is': (template, kind) =>
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: kind === 'nat' ? 'internet-facing' : 'internal',
    }),
  'TLS only, 1.2 and 1.3, with the certificate that was named': (template) => {
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::Listener', 1);
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
      Certificates: [{ CertificateArn: { Ref: 'CertificateArn' } }],
    });
  },
  'nodes reach containers with an address of their own at the port of SSH': (template) =>
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 22,
      ToPort: 22,
      GroupId: Match.objectLike({ 'Fn::GetAtt': [Match.stringLikeRegexp('^BuildGroup'), 'GroupId'] }),
      SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^NodeGroup'), 'GroupId'] },
    }),
  'nodes reach containers on bridge networks at dynamic host ports': (template) =>
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 32_768,
      ToPort: 65_535,
      GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^MachineGroup'), 'GroupId'] },
      SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^NodeGroup'), 'GroupId'] },
    }),
};

const BUILDS: Readonly<Record<string, Check>> = {
  'one cluster has Fargate and machines that come and go with builds': (template) => {
    template.hasResourceProperties('AWS::ECS::ClusterCapacityProviderAssociations', {
      CapacityProviders: ['FARGATE', 'FARGATE_SPOT', { Ref: Match.stringLikeRegexp('^MachineProvider') }],
    });
    template.hasResourceProperties('AWS::ECS::CapacityProvider', {
      AutoScalingGroupProvider: {
        ManagedScaling: { Status: 'ENABLED' },
        ManagedTerminationProtection: 'ENABLED',
        ManagedDraining: 'ENABLED',
      },
    });
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { MinSize: '0' });
  },
  'builds cannot get the credentials of their machine': (template) =>
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        UserData: {
          'Fn::Base64': { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('ECS_AWSVPC_BLOCK_IMDS=true')])] },
        },
      },
    }),
  'changes of containers of this cluster come into a queue that only EventBridge writes to': (template) => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: ['aws.ecs'], 'detail-type': ['ECS Task State Change'] },
    });
    template.hasResourceProperties('AWS::SQS::Queue', { MessageRetentionPeriod: 3_600, SqsManagedSseEnabled: true });
  },
};

const CONTROL_PLANE: Readonly<Record<string, Check>> = {
  'two nodes, replaced one after the other, and a version that does not start is taken back': (template) => {
    template.hasParameter('Nodes', { Default: 2 });
    template.hasResourceProperties('AWS::ECS::Service', {
      DesiredCount: { Ref: 'Nodes' },
      DeploymentConfiguration: {
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
    });
  },
  'no node is replaced because the database is away: both checks ask whether it lives': (template) => {
    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      HealthCheckPath: '/healthz',
      TargetType: 'ip',
    });
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          HealthCheck: Match.objectLike({ Command: ['CMD', 'node', '-e', Match.stringLikeRegexp('/healthz')] }),
        }),
      ],
    });
  },
  'nodes write to no file of their image, and their secrets are no text of the template': (template) =>
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: [
        Match.objectLike({
          ReadonlyRootFilesystem: true,
          Secrets: ['WIP_MASTER_KEY', 'WIP_MASTER_KEYS_OLD', 'WIP_ADMIN_TOKEN', 'WIP_HOOKS', 'PGPASSWORD'].map((Name) =>
            Match.objectLike({ Name }),
          ),
        }),
      ],
    }),
  'the database is in two zones, encrypted, saved for 14 days and not deleted': (template) =>
    template.hasResource('AWS::RDS::DBInstance', {
      DeletionPolicy: 'Retain',
      Properties: {
        Engine: 'postgres',
        MultiAZ: true,
        StorageEncrypted: true,
        PubliclyAccessible: false,
        BackupRetentionPeriod: 14,
        DeletionProtection: true,
      },
    }),
  'connections to the database are encrypted': (template) =>
    template.hasResourceProperties('AWS::RDS::DBParameterGroup', { Parameters: { 'rds.force_ssl': '1' } }),
  'the secrets outlive the stack': (template) =>
    template.allResources('AWS::SecretsManager::Secret', { DeletionPolicy: 'Retain' }),
  'logs are kept for a time and not for ever': (template) => {
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 90 });
  },
  'every alarm is sent': (template) =>
    template.allResourcesProperties('AWS::CloudWatch::Alarm', {
      AlarmActions: [{ Ref: Match.stringLikeRegexp('^AlarmTopic') }],
      AlarmDescription: Match.stringLikeRegexp('\\.$'),
    }),
};

/** Throws, with the promise that does not hold. Returns how many were checked. */
export function checkPromises(template: Template, kind: NetworkKind): number {
  const promises = Object.entries({ ...NETWORK, ...BUILDS, ...CONTROL_PLANE });
  for (const [promise, check] of promises) {
    try {
      check(template, kind);
    } catch (cause) {
      throw new Error(`${kind}: the template does not keep the promise "${promise}"`, { cause });
    }
  }
  return promises.length;
}
