import type { Command } from 'commander';
import { ClusterName } from '../../api/clusters/cluster-name.ts';
import type { ClusterView } from '../../api/clusters/cluster-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { commandGroup } from '../command-help.ts';
import { saveClusterCommand } from './save-cluster-command.ts';
import { textFor } from '../given-value.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';
import type { Column } from '../output/fit-columns.ts';
import { alignColumns, oneLine } from '../output/text.ts';
import { writeTable } from '../output/write-table.ts';

const COLUMNS: readonly Column<ClusterView>[] = [
  { head: 'CLUSTER', cell: ({ name }) => oneLine(name), importance: 8 },
  { head: 'ACTIVE', cell: ({ isActive }) => (isActive ? 'yes' : '-'), importance: 7 },
  { head: 'REGION', cell: ({ region }) => oneLine(region), importance: 6 },
  { head: 'ECS NAME', cell: ({ cluster }) => oneLine(cluster), importance: 5, leastWidth: 12 },
  { head: 'LAUNCH', cell: ({ launch }) => launchType(launch), importance: 4 },
  { head: 'CREDENTIALS', cell: (cluster) => oneLine(credentialsOf(cluster)), importance: 2, leastWidth: 20 },
  { head: 'ENDPOINT', cell: ({ endpoint }) => oneLine(endpoint ?? '-'), importance: 1, leastWidth: 20 },
  { head: 'FALLS BACK ON', cell: ({ fallback }) => oneLine(fallback.join(',')) || '-', importance: 3, leastWidth: 13 },
];

export function clustersCommand(context: CliContext): Command {
  return commandGroup('clusters', 'Manage the ECS clusters that containers may run on.', [
    listCommand(context),
    showCommand(context),
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
    writeTable(context, clusters, COLUMNS);
  });
}

function showCommand(context: CliContext): Command {
  return clientCommand('show', 'Show everything that is stored of one cluster; secrets are never shown.', [
    'clusters show default',
  ])
    .argument('<name>', 'which one', textFor(ClusterName))
    .action(async (name: string, options: ClientOptions) => {
      const cluster = await connectOperator(options, context).findCluster(name);
      if (options.json) return writeJson(context, cluster);
      context.out.write(alignColumns(linesOf(cluster), context.out.columns));
    });
}

function linesOf(cluster: ClusterView): string[][] {
  const { connection, fallback, launch } = cluster;
  return [
    ['name', `${cluster.name}${cluster.isActive ? ' (active)' : ''}`],
    ['region', cluster.region],
    ['ECS name', cluster.cluster],
    ['credentials', credentialsOf(cluster)],
    ['external id', cluster.externalId ?? '-'],
    ['endpoint', cluster.endpoint ?? "Amazon's"],
    ...Object.entries(connection).map(([name, value]) => [name, String(value)]),
    ['launch', JSON.stringify(launch)],
    ['falls back on', fallback.length === 0 ? '-' : fallback.join(', ')],
    ['changed', cluster.updatedAt],
  ].map((line) => line.map(oneLine));
}

function useCommand(context: CliContext): Command {
  return clientCommand('use', 'Launch new containers in this cluster; running ones stay where they are.', [
    'clusters use default',
  ])
    .argument('<name>', 'which one', textFor(ClusterName))
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
    .argument('<name>', 'which one', textFor(ClusterName))
    .action(async (name: string, options: ClientOptions) => {
      await connectOperator(options, context).deleteCluster(name);
      if (options.json) return writeJson(context, { deleted: name });
      context.out.write(`The cluster "${oneLine(name)}" is forgotten; nothing was changed at ECS.\n`);
    });
}

function launchType(launch: ClusterView['launch']): string {
  return typeof launch['type'] === 'string' ? oneLine(launch['type']) : '?';
}

function credentialsOf({ accessKeyId, hasSecret, hasSessionToken, roleArn }: ClusterView): string {
  const key = `${accessKeyId}${hasSecret ? '' : ' without its secret'}${hasSessionToken ? ' with a session token' : ''}`;
  const own = accessKeyId === null ? "the node's" : key;
  return roleArn === null ? own : `${roleArn} by ${own}`;
}
