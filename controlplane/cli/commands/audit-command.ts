import { InvalidArgumentError, type Command } from 'commander';
import type { AuditEntry } from '../../api/audit/audit-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';
import type { Column } from '../output/fit-columns.ts';
import { oneLine } from '../output/text.ts';
import { writeTable } from '../output/write-table.ts';
import { parseTime, TIME_HELP } from './parse-time.ts';

const FILTERS = ['actor', 'action', 'subject', 'cursor', 'limit'] as const;

interface AuditOptions extends ClientOptions, Partial<Record<(typeof FILTERS)[number] | 'since' | 'until', string>> {}

const COLUMNS: readonly Column<AuditEntry>[] = [
  { head: 'TIME', cell: ({ at }) => at, importance: 5 },
  { head: 'WHO', cell: ({ actor }) => oneLine(actor), importance: 4, leastWidth: 8 },
  { head: 'DID', cell: ({ action }) => oneLine(action), importance: 3, leastWidth: 10 },
  { head: 'TO', cell: ({ subject }) => oneLine(subject), importance: 2, leastWidth: 10 },
  {
    head: 'DETAIL',
    cell: ({ detail }) => (detail ? oneLine(JSON.stringify(detail)) : '-'),
    importance: 1,
    leastWidth: 16,
  },
];

export function auditCommand(context: CliContext): Command {
  return clientCommand('audit', 'Show who changed what, the newest first.', [
    'audit --since 7d',
    'audit --actor ann --subject group/BuildSteps',
    'audit --subject token --until 2026-11-01 --json | jq ".entries[].actor"',
  ])
    .option('--actor <name>', 'only changes by this actor')
    .option('--action <word>', 'only this action: terminate, pause, set-limits, create, revoke, save …')
    .option('--subject <subject>', 'only changes of this subject, such as task/7, or of a whole kind, such as task')
    .option('--since <time>', `only changes since then: ${TIME_HELP}`)
    .option('--until <time>', 'only changes before then, in the same forms')
    .option('--limit <number>', 'how many, at most 500', wholeNumberUpTo(500), '50')
    .option(
      '--cursor <number>',
      'continue with the next page: the nextCursor of the page before',
      wholeNumberUpTo(Number.MAX_SAFE_INTEGER),
    )
    .action(async (options: AuditOptions) => {
      const now = context.clock.now();
      const page = await connectOperator(options, context).readAudit({
        ...Object.fromEntries(FILTERS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]))),
        ...(options.since !== undefined && { since: parseTime(options.since, now) }),
        ...(options.until !== undefined && { until: parseTime(options.until, now) }),
      });
      if (options.json) return writeJson(context, page);
      if (page.entries.length === 0) return context.out.write('There are no such entries.\n');
      writeTable(context, page.entries, COLUMNS);
      if (page.nextCursor !== null) {
        context.err.write(`There are older ones: see them with --cursor ${page.nextCursor}.\n`);
      }
    });
}

/** The text itself: the server reads the number. What it would refuse is wrong usage here already. */
function wholeNumberUpTo(most: number): (text: string) => string {
  return (text) => {
    if (/^[1-9]\d*$/.test(text) && Number(text) <= most) return text;
    throw new InvalidArgumentError(`Give a whole number from 1 to ${most}.`);
  };
}
