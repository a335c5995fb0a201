import type { Command } from 'commander';
import type { ClusterView } from '../../api/clusters/cluster-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { commandGroup } from '../command-help.ts';
import { saveClusterCommand } from './save-cluster-command.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';
import { alignColumns, oneLine } from '../output/text.ts';

const HEAD = ['CLUSTER', 'ACTIVE', 'REGION', 'ECS NAME', 'LAUNCH', 'CREDENTIALS', 'ENDPOINT'];

export function clustersCommand(context: CliContext): Command {
  return commandGroup('clusters', 'Manage the ECS clusters that containers may run on.', [
    listCommand(context),
    saveClusterCommand(context),
    useCommand(context),
    deleteCommand(context),
  ]);
}

function listCommand(context: CliContext): Command {
  return clientCommand('list', 'List the clusters; secrets are never shown.', [
    'clusters list',
    'clusters list --json | jq ".clusters[] | select(.isActive).name"',
  ]).action(async (options: ClientOptions) => {
    const clusters = await connectOperator(options, context).listClusters();
    if (options.json) return writeJson(context, { clusters });
    if (clusters.length === 0) return context.out.write('There are no clusters yet.\n');
    context.out.write(alignColumns([HEAD, ...clusters.map(row)], context.out.columns));
  });
}

function useCommand(context: CliContext): Command {
  return clientCommand('use', 'Launch new containers in this cluster; running ones stay where they are.', [
    'clusters use default',
  ])
    .argument('<name>', 'which one')
    .action(async (name: string, options: ClientOptions) => {
      const cluster = await connectOperator(options, context).useCluster(name);
      if (options.json) return writeJson(context, cluster);
      context.out.write(`New containers go to the cluster "${oneLine(cluster.name)}".\n`);
    });
}

function deleteCommand(context: CliContext): Command {
  return clientCommand(
    'delete',
    'Remove a cluster from Wip, not from ECS. The active one, one with containers and "default" are refused.',
    ['clusters delete old'],
  )
    .argument('<name>', 'which one')
    .action(async (name: string, options: ClientOptions) => {
      await connectOperator(options, context).deleteCluster(name);
      if (options.json) return writeJson(context, { deleted: name });
      context.out.write(`The cluster "${oneLine(name)}" is forgotten; nothing was changed at ECS.\n`);
    });
}

function row(cluster: ClusterView): string[] {
  const { accessKeyId, hasSecret } = cluster;
  const credentials = accessKeyId === null ? "the node's" : `${accessKeyId}${hasSecret ? '' : ' without its secret'}`;
  return [
    cluster.name,
    cluster.isActive ? 'yes' : '-',
    cluster.region,
    cluster.cluster,
    typeof cluster.launch['type'] === 'string' ? cluster.launch['type'] : '?',
    credentials,
    cluster.endpoint ?? '-',
  ].map(oneLine);
}
