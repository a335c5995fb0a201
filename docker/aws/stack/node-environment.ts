import { Fn, Stack } from 'aws-cdk-lib';
import type { BuildCluster } from './build-cluster.ts';
import { API_PORT } from './network.ts';
import type { Parameters } from './parameters.ts';
import { DATABASE_NAME, DATABASE_USER, type InstallationRecord } from './record.ts';

/** Name of the row in Wip whose containers run on Fargate; `default` runs them on machines. */
export const FARGATE_ROW = 'fargate';

/** Settings of a node (controlplane/README.md), and of the task definitions that it registers (config/config.ecs.yml). */
export function nodeEnvironment(
  scope: Stack,
  { record, builds, parameters }: { record: InstallationRecord; builds: BuildCluster; parameters: Parameters },
): Record<string, string> {
  const { instanceEndpoint } = record.database;
  const container = 'WIP_ECS__default__containerDefinitions__0__';
  return {
    WIP_MODE: 'production',
    WIP_HOST: '0.0.0.0',
    WIP_PORT: String(API_PORT),
    WIP_PUBLIC_URL: `https://${parameters.domainName}`,
    // The password comes beside it, as PGPASSWORD: it may be changed without this address.
    WIP_DATABASE_URL: `postgres://${DATABASE_USER}@${instanceEndpoint.hostname}:5432/${DATABASE_NAME}?sslmode=verify-full`,
    // The certificates of RDS are of Amazon's own authority, which no system trusts by itself.
    NODE_EXTRA_CA_CERTS: '/etc/wip/rds-ca.pem',
    [`${container}image`]: parameters.buildImage,
    // Of a machine's processors; the provider of machines counts them.
    [`${container}cpu`]: '1024',
    [`${container}logConfiguration`]: scope.toJsonString({
      logDriver: 'awslogs',
      options: {
        'awslogs-group': builds.log.logGroupName,
        'awslogs-region': scope.region,
        'awslogs-stream-prefix': 'build',
      },
    }),
    WIP_ECS__default__executionRoleArn: builds.executionRole.roleArn,
    [`WIP_ECS__clusters__${FARGATE_ROW}`]: JSON.stringify(FARGATE_DEFINITION),
  };
}

/** What a task on Fargate has otherwise: a size of its own, an address of its own, and no directory of a machine. */
const FARGATE_DEFINITION = {
  networkMode: 'awsvpc',
  cpu: '1024',
  memory: '4096',
  volumes: [],
  containerDefinitions: [{ mountPoints: [], portMappings: [{ hostPort: null }, { hostPort: null }] }],
};

/** The commands that tell a new installation of its clusters, once its nodes are there. */
export function clusterCommands(
  scope: Stack,
  builds: BuildCluster,
  network: { readonly subnets: readonly string[]; readonly group: string },
): { readonly machines: string; readonly fargate: string } {
  const save = (row: string, launch: object): string =>
    Fn.join('', [
      `wipctl clusters save ${row} --region ${scope.region} --cluster ${builds.cluster.clusterName}`,
      ` --events-queue ${builds.events.queueUrl} --launch '`,
      scope.toJsonString(launch),
      "'",
    ]);
  return {
    machines: save('default', { type: 'capacity-providers', providers: [{ name: builds.machineProvider }] }),
    fargate: save(FARGATE_ROW, { type: 'fargate', subnets: network.subnets, securityGroups: [network.group] }),
  };
}
