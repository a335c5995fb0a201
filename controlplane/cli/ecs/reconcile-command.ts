import type { Command } from 'commander';
import type { ReconcileReportView } from '../../api/state/state-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connectOperator, type ClientOptions } from '../commands/client-command.ts';
import { fitColumns, type Column } from '../output/fit-columns.ts';
import { alignColumns, oneLine, paintFor } from '../output/text.ts';
import { wrapText, wrapWithin } from '../output/wrap-text.ts';

interface ReconcileOptions extends ClientOptions {
  readonly starts?: boolean;
}

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
  const unseen = unseenClusters.map(
    (name) =>
      `${wrapWithin(`The tasks of the cluster ${oneLine(name)} could not be listed.`, context.out.columns, 0)}\n`,
  );
  const table = rows.length === 0 ? '' : tableOf(rows, context);
  const summary = wrapWithin(`Node ${oneLine(node)} at ${at}: ${counts.join(', ')}.`, context.out.columns, 0);
  return `${summary}\n${unseen.join('')}${table}`;
}

interface FoundContainer {
  readonly found: string;
  readonly task: string;
  readonly attempt: string;
  readonly cluster: string;
  readonly arn: string;
}

function rowsOf(found: string, { containers }: ReconcileReportView['adopted']): FoundContainer[] {
  return containers.map(({ task, attempt, arn, cluster }) => ({
    found,
    task: oneLine(String(task)),
    attempt: oneLine(String(attempt)),
    cluster: oneLine(cluster),
    arn: oneLine(arn ?? '-'),
  }));
}

const COLUMNS: readonly Column<FoundContainer>[] = [
  { head: 'FOUND', cell: ({ found }) => found, importance: 4 },
  { head: 'TASK', cell: ({ task }) => task, importance: 3 },
  { head: 'ATTEMPT', cell: ({ attempt }) => attempt, importance: 2 },
  { head: 'CLUSTER', cell: ({ cluster }) => cluster, importance: 1, leastWidth: 8 },
];

/** A terminal gets the ARN, which is longer than most are wide, whole and on lines of its own; a pipe in the last column. */
function tableOf(rows: readonly FoundContainer[], { out, environment }: CliContext): string {
  if (out.columns === undefined) {
    const cells = rows.map((row) => [...COLUMNS.map(({ cell }) => cell(row)), row.arn]);
    return alignColumns([[...COLUMNS.map(({ head }) => head), 'CONTAINER'], ...cells], undefined);
  }
  const paint = paintFor(out, environment);
  const { head, lines } = fitColumns(rows, COLUMNS, { width: out.columns, paint });
  const arns = rows.map(({ arn }) => wrapText(arn, (out.columns ?? 0) - 2).map((line) => `  ${paint('dim', line)}`));
  const text = lines.flatMap((line, index) => [line, ...(arns[index] ?? [])]);
  return `${[paint('bold', head), ...text].join('\n')}\n`;
}
