import { InvalidArgumentError, type Command } from 'commander';
import { AuditFilters } from '../../api/audit/audit-filters.ts';
import { AUDIT_ACTIONS, AUDIT_SUBJECTS, type AuditEntry } from '../../api/audit/audit-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { countFrom, textFor, wordFor } from '../given-value.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';
import type { Column } from '../output/fit-columns.ts';
import { oneLine } from '../output/text.ts';
import { writeTable } from '../output/write-table.ts';
import { parseTime, TIME_HELP } from './parse-time.ts';

const FILTERS = ['actor', 'action', 'subject', 'since', 'until', 'cursor', 'limit'] as const;

interface AuditOptions extends ClientOptions, Partial<Record<(typeof FILTERS)[number], string | number>> {}

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
  const { shape } = AuditFilters;
  const time = (text: string): string => parseTime(text, context.clock.now());
  return clientCommand('audit', 'Show who changed what, the newest first.', [
    'audit --since 7d',
    'audit --actor ann --subject group/BuildSteps',
    'audit --subject token --until 2026-11-01 --json | jq ".entries[].actor"',
  ])
    .option('--actor <name>', 'only changes by this actor', textFor(shape.actor))
    .option('--action <word>', `only this action: ${AUDIT_ACTIONS.join(', ')}`, wordFor(AUDIT_ACTIONS))
    .option(
      '--subject <subject>',
      `only changes of this subject, such as task/7, or of a whole kind: ${AUDIT_SUBJECTS.join(', ')}`,
      parseSubject,
    )
    .option('--since <time>', `only changes since then: ${TIME_HELP}`, time)
    .option('--until <time>', 'only changes before then, in the same forms', time)
    .option('--limit <number>', 'how many, at most 500', countFrom(1, 500), 50)
    .option(
      '--cursor <number>',
      'continue with the next page: the nextCursor of the page before',
      countFrom(1, Number.MAX_SAFE_INTEGER),
    )
    .action(async (options: AuditOptions) => {
      const given = FILTERS.flatMap((name) =>
        options[name] === undefined ? [] : [[name, String(options[name])] as const],
      );
      const page = await connectOperator(options, context).readAudit(Object.fromEntries(given));
      if (options.json) return writeJson(context, page);
      if (page.entries.length === 0) return context.out.write('There are no such entries.\n');
      writeTable(context, page.entries, COLUMNS);
      if (page.nextCursor !== null) {
        context.err.write(`There are older ones: see them with --cursor ${page.nextCursor}.\n`);
      }
    });
}

/** A kind of subject, or one subject of a kind that has several. */
function parseSubject(text: string): string {
  const [kind = '', ...rest] = textFor(AuditFilters.shape.subject)(text).split('/');
  if (rest.join('/') === '' && rest.length > 0) throw new InvalidArgumentError(`Give ${kind}, or one such as task/7.`);
  return [wordFor(AUDIT_SUBJECTS)(kind), ...rest].join('/');
}
