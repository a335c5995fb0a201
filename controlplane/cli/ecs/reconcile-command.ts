import type { Command } from 'commander';
import type { ReconcileReportView } from '../../api/state/state-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connectOperator, type ClientOptions } from '../commands/client-command.ts';
import { alignColumns, oneLine } from '../output/text.ts';

interface ReconcileOptions extends ClientOptions {
  readonly starts?: boolean;
}

const HEAD = ['FOUND', 'TASK', 'ATTEMPT', 'CLUSTER', 'CONTAINER'];

export function reconcileCommand(context: CliContext): Command {
  return clientCommand(
    'reconcile',
    'Compare the record with ECS now: which containers run, which have ended meanwhile, which no task owns, and which ' +
      'ECS says nothing about. What has changed is noted; unowned ones are stopped by the sweep within two minutes.',
    ['ecs reconcile', 'ecs reconcile --starts', 'ecs reconcile --json | jq .unknown'],
  )
    .option('--starts', 'show instead what each living node found at its start')
    .action(async (options: ReconcileOptions) => {
      const client = connectOperator(options, context);
      if (options.starts) return printStarts(await client.listStartReports(), options, context);
      const report = await client.reconcile();
      if (options.json) return writeJson(context, report);
      context.out.write(textOf(report, context));
    });
}

function printStarts(reports: readonly ReconcileReportView[], options: ReconcileOptions, context: CliContext): void {
  if (options.json) return writeJson(context, { reports });
  const text = reports.map((report) => textOf(report, context)).join('\n');
  context.out.write(text === '' ? 'No living node has reported its start yet.\n' : text);
}

function textOf(report: ReconcileReportView, context: CliContext): string {
  const { node, at, adopted, finished, unowned, unownedAre, unknown, unseenClusters } = report;
  const fate = unownedAre === 'stopped' ? 'stopped' : 'not stopped, because the database was restored';
  const counts = [
    `${adopted.count} adopted`,
    `${finished.count} finished while away`,
    `${unowned.count} without a task (${fate})`,
    `${unknown.count} unknown`,
  ];
  const rows = [
    ...rowsOf('adopted', adopted),
    ...rowsOf('finished', finished),
    ...rowsOf('unowned', unowned),
    ...rowsOf('unknown', unknown),
  ];
  const unseen = unseenClusters.map((name) => `The tasks of the cluster ${oneLine(name)} could not be listed.\n`);
  const table = rows.length === 0 ? '' : alignColumns([HEAD, ...rows], context.out.columns);
  return `Node ${oneLine(node)} at ${at}: ${counts.join(', ')}.\n${unseen.join('')}${table}`;
}

function rowsOf(found: string, { containers }: ReconcileReportView['adopted']): string[][] {
  return containers.map(({ task, attempt, arn, cluster }) =>
    [found, String(task), String(attempt), cluster, arn ?? '-'].map(oneLine),
  );
}
