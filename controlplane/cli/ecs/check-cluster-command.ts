import type { Command } from 'commander';
import { ClusterName } from '../../api/clusters/cluster-name.ts';
import type { ClusterCheckAnswer } from '../../api/clusters/cluster-views.ts';
import { OperationalError } from '../../../shared/model/error.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connectOperator, type ClientOptions } from '../commands/client-command.ts';
import { textFor } from '../given-value.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { checkLines } from '../output/check-lines.ts';
import { oneLine, paintFor } from '../output/text.ts';

export function checkClusterCommand(context: CliContext): Command {
  return clientCommand(
    'check',
    'Check what launches into a cluster need of AWS: credentials, each permission, the cluster, room, quotas, network ' +
      'and image. The calls change nothing; a node makes them, with the credentials that it launches with. Exits with 1 ' +
      'when a check fails; warnings, and what no harmless call can tell, exit with 0.',
    ['ecs check', 'ecs check big', `ecs check --json | jq '.checks[] | select(.outcome == "failed")'`],
  )
    .argument('[cluster]', 'name of the cluster in Wip (default: the active one)', textFor(ClusterName))
    .action(async (name: string | undefined, options: ClientOptions) => {
      const client = connectOperator(options, context);
      const cluster = name ?? (await client.listClusters()).find(({ isActive }) => isActive)?.name;
      if (cluster === undefined) throw noCluster();
      const answer = await client.examineCluster(cluster);
      if (options.json) writeJson(context, answer);
      else context.out.write(textOf(answer, context));
      if (answer.checks.some(({ outcome }) => outcome === 'failed')) context.setExitCode(EXIT_CODE.CHECK_FAILED);
    });
}

function noCluster(): OperationalError {
  return new OperationalError('CLUSTER_UNKNOWN', {
    happened: 'No cluster is active',
    remedy: 'Name one, or save one with "wipctl clusters save"',
  });
}

function textOf({ cluster, node, checks }: ClusterCheckAnswer, context: CliContext): string {
  const paint = paintFor(context.out, context.environment);
  return `Cluster ${oneLine(cluster)}, as the node ${oneLine(node)} sees it\n${checkLines(checks, paint).join('')}`;
}
