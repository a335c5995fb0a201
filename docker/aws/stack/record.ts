import {
  aws_ec2 as ec2,
  aws_rds as rds,
  aws_secretsmanager as secrets,
  Duration,
  RemovalPolicy,
  SecretValue,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { SUBNETS, type Network } from './network.ts';
import type { Parameters } from './parameters.ts';

/** The database, and the secrets without which it cannot be read. All of it outlives the stack. */
export interface InstallationRecord {
  readonly database: rds.DatabaseInstance;
  /** JSON with `username` and `password`. */
  readonly databaseSecret: secrets.ISecret;
  readonly masterKey: secrets.Secret;
  /** Keys that open what an earlier master key sealed. In a new installation a key that sealed nothing, because a secret cannot be empty. */
  readonly oldMasterKeys: secrets.Secret;
  readonly adminToken: secrets.Secret;
  /** What is built for webhooks (controlplane/hooks/README.md); a comment in a new installation, because a secret cannot be empty. */
  readonly hooks: secrets.Secret;
}

export const DATABASE_USER = 'wip';
export const DATABASE_NAME = 'wip';

export function createRecord(scope: Construct, network: Network, { databaseClass }: Parameters): InstallationRecord {
  const databaseSecret = new rds.DatabaseSecret(scope, 'DatabaseSecret', { username: DATABASE_USER });
  databaseSecret.applyRemovalPolicy(RemovalPolicy.RETAIN);
  const database = new rds.DatabaseInstance(scope, 'Database', {
    engine: rds.DatabaseInstanceEngine.postgres({ version: rds.PostgresEngineVersion.of('17', '17') }),
    // The parameter replaces it below: this class knows instance types by name only.
    instanceType: new ec2.InstanceType('t4g.medium'),
    vpc: network.vpc,
    vpcSubnets: { subnetGroupName: SUBNETS.database },
    securityGroups: [network.database],
    credentials: rds.Credentials.fromSecret(databaseSecret),
    databaseName: DATABASE_NAME,
    parameters: { 'rds.force_ssl': '1' },
    multiAz: true,
    publiclyAccessible: false,
    storageEncrypted: true,
    storageType: rds.StorageType.GP3,
    allocatedStorage: 50,
    maxAllocatedStorage: 500,
    backupRetention: Duration.days(14),
    deleteAutomatedBackups: false,
    copyTagsToSnapshot: true,
    autoMinorVersionUpgrade: true,
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  (database.node.defaultChild as rds.CfnDBInstance).dbInstanceClass = databaseClass;
  return {
    database,
    databaseSecret,
    // 43 letters and digits are base64 of 32 bytes, with 256 random bits.
    masterKey: generated(scope, 'MasterKey', 'Master key of Wip: without it the database cannot be read'),
    oldMasterKeys: generated(scope, 'OldMasterKeys', 'Master keys that are being replaced, separated by commas'),
    adminToken: generated(scope, 'AdminToken', 'Token of Wip that is always an administrator'),
    hooks: new secrets.Secret(scope, 'Hooks', {
      description: 'What Wip builds for webhooks of GitHub and GitLab, with their secrets',
      // Whoever writes it is not undone: the stack writes it again only when this text changes.
      secretStringValue: SecretValue.unsafePlainText('# controlplane/hooks/README.md says what can stand here'),
      removalPolicy: RemovalPolicy.RETAIN,
    }),
  };
}

function generated(scope: Construct, id: string, description: string): secrets.Secret {
  return new secrets.Secret(scope, id, {
    description,
    generateSecretString: { passwordLength: 43, excludePunctuation: true },
    removalPolicy: RemovalPolicy.RETAIN,
  });
}
