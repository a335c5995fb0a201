import { CfnOutput, LegacyStackSynthesizer, Stack, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { createAlarms } from './alarms.ts';
import { createBuildCluster } from './build-cluster.ts';
import { createControlPlane } from './control-plane.ts';
import { createNetwork, SUBNETS, type NetworkKind } from './network.ts';
import { clusterCommands } from './node-environment.ts';
import { createParameters } from './parameters.ts';
import { createRecord } from './record.ts';

/** An installation of Wip in one account and region: everything but the images, the certificate and the name. */
export class WipStack extends Stack {
  constructor(scope: Construct, id: string, kind: NetworkKind) {
    super(scope, id, {
      description: `Wip: control plane, and a cluster for builds (network: ${kind})`,
      // Nothing is uploaded, so the account needs no bootstrap stack and the template is all there is.
      synthesizer: new LegacyStackSynthesizer(),
      analyticsReporting: false,
    });
    const parameters = createParameters(this);
    const network = createNetwork(this, kind, parameters);
    const record = createRecord(this, network, parameters);
    const builds = createBuildCluster(this, network, parameters);
    const controlPlane = createControlPlane(this, { network, record, builds, parameters });
    const topic = createAlarms(this, { controlPlane, record, builds });
    const { subnetIds } = network.vpc.selectSubnets({ subnetGroupName: SUBNETS.builds });
    const commands = clusterCommands(this, builds, { subnets: subnetIds, group: network.builds.securityGroupId });
    const outputs: Readonly<Record<string, readonly [description: string, value: string]>> = {
      BalancerName: ['The domain name is to be an alias of this one.', controlPlane.balancer.loadBalancerDnsName],
      AdminTokenSecretArn: ['Secret with the first token of an administrator.', record.adminToken.secretArn],
      MasterKeySecretArn: [
        'Secret with the master key: keep a copy outside of this account.',
        record.masterKey.secretArn,
      ],
      OldMasterKeysSecretArn: [
        'Secret with the keys before it, while it is being replaced (docker/keys.md).',
        record.oldMasterKeys.secretArn,
      ],
      HooksSecretArn: [
        'Secret with what is built for webhooks (controlplane/hooks/README.md).',
        record.hooks.secretArn,
      ],
      DatabaseSecretArn: ['Secret with user and password of the database.', record.databaseSecret.secretArn],
      DatabaseName: ['The database, as RDS calls it.', record.database.instanceIdentifier],
      ClusterName: ['The cluster of nodes and builds.', builds.cluster.clusterName],
      NodeServiceName: ['The service that runs the nodes.', controlPlane.service.serviceName],
      NodeLogGroup: ['The log of the nodes.', controlPlane.log.logGroupName],
      AlarmTopicArn: ['Subscribe to it those who are to hear of alarms.', topic.topicArn],
      SaveMachines: ['Tells Wip of the cluster: builds on machines.', commands.machines],
      SaveFargate: ['Tells Wip of the cluster: builds on Fargate.', commands.fargate],
    };
    for (const [name, [description, value]] of Object.entries(outputs))
      new CfnOutput(this, name, { description, value });
    Tags.of(this).add('application', 'wip');
  }
}
