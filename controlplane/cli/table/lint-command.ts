import type { Command } from 'commander';
import { formatSeconds } from '../../../shared/model/units.ts';
import { CONTROL_PLANE_FIELDS } from '../../config-fields.ts';
import { formatFinding } from '../../statetable/lint-finding.ts';
import { lintTable, type LintReport } from '../../statetable/lint-table.ts';
import { lintOptionsOf } from '../../tasks/checks/lint-facts.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { oneLine } from '../output/text.ts';
import { parseLintIgnores } from '../../statetable/lint-ignores.ts';
import { commandOnTable, parseWholeNumber, type TableSource } from './table-source.ts';

interface LintCommandOptions {
  readonly json?: boolean;
  readonly maxRunSeconds: number;
  readonly notes?: boolean;
}

export function lintCommand(context: CliContext): Command {
  return commandOnTable<LintCommandOptions>(
    context,
    {
      name: 'lint',
      description: 'Check a state table for mistakes; exits with 1 when there are errors.',
      examples: ['table lint my.table', 'table lint BuildSteps --notes', 'table lint ./my-task.ts --json'],
    },
    (source, options) => {
      const report = lintSource(source, options.maxRunSeconds);
      if (report.hasErrors) context.setExitCode(EXIT_CODE.BUILD_FAILED);
      if (options.json) writeJson(context, report);
      else writeReport(source.name, report, options.notes ? 'with notes' : 'without notes', context);
    },
  )
    .option(
      '--max-run-seconds <number>',
      'how long a task may run, to compare waits with',
      parseWholeNumber,
      CONTROL_PLANE_FIELDS.max_run_seconds.parse(undefined),
    )
    .option('--notes', 'print notes, too: remarks that are no mistakes')
    .option('--json', 'print JSON for programs');
}

function lintSource({ table, text, wip }: TableSource, maxRunSeconds: number): LintReport {
  const facts = wip ? lintOptionsOf(wip) : { ignores: parseLintIgnores(text) };
  const report = lintTable(table, { ...facts, maxRunSeconds });
  return { ...report, findings: report.findings.toSorted((a, b) => a.line - b.line || a.column - b.column) };
}

function writeReport(
  name: string,
  report: LintReport,
  notes: 'with notes' | 'without notes',
  context: CliContext,
): void {
  const shown = report.findings.filter(({ severity }) => notes === 'with notes' || severity !== 'note');
  for (const finding of shown) context.out.write(`${name}: ${oneLine(formatFinding(finding))}\n`);
  if (notes === 'with notes') writeBackground(name, report, context);
  if (!report.findings.some(({ severity }) => severity !== 'note'))
    context.out.write(`${name}: no errors, no warnings.\n`);
  const left = report.findings.length - shown.length;
  if (left > 0)
    context.err.write(`${left === 1 ? 'There is one note' : `There are ${left} notes`}: see with --notes.\n`);
}

/** Prints the findings that comments in the table suppress, and how long states can wait. */
function writeBackground(name: string, { ignored, budgets }: LintReport, context: CliContext): void {
  for (const { line, rule, reason } of ignored) {
    context.out.write(`${name}: line ${line}: ${rule} is ignored: ${oneLine(reason)}\n`);
  }
  for (const { state, seconds } of budgets) {
    const limit = seconds === null ? 'without a limit' : `at most ${formatSeconds(seconds)}`;
    context.out.write(`${name}: "${oneLine(state)}" waits ${limit}\n`);
  }
}
