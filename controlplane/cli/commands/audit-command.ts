import type { Command } from 'commander';
import { OperationalError } from '../../../shared/model/error.ts';
import type { AuditEntry } from '../../api/audit/audit-views.ts';
import { writeJson, type CliContext } from '../cli-context.ts';
import { clientCommand, connectOperator, type ClientOptions } from './client-command.ts';
import { alignColumns, oneLine } from '../output/text.ts';

const FILTERS = ['actor', 'action', 'subject', 'cursor', 'limit'] as const;

interface AuditOptions extends ClientOptions, Partial<Record<(typeof FILTERS)[number] | 'since' | 'until', string>> {}

const HEAD = ['TIME', 'WHO', 'DID', 'TO', 'DETAIL'];
const AGE_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export function auditCommand(context: CliContext): Command {
  return clientCommand('audit', 'Show who changed what, the newest first.', [
    'audit --since 7d',
    'audit --actor ann --subject group/BuildSteps',
    'audit --subject token --until 2026-11-01 --json | jq ".entries[].actor"',
  ])
    .option('--actor <name>', 'only changes by this actor')
    .option('--action <word>', 'only this action: terminate, pause, set-limits, create, revoke, save …')
    .option('--subject <subject>', 'only changes of this subject, such as task/7, or of a whole kind, such as task')
    .option('--since <time>', 'only changes since then: an ISO 8601 time or date, or an age such as 30m, 2h, 7d')
    .option('--until <time>', 'only changes before then, in the same forms')
    .option('--limit <number>', 'how many, at most 500', '50')
    .option('--cursor <number>', 'continue with the next page: the nextCursor of the page before')
    .action(async (options: AuditOptions) => {
      const now = context.clock.now();
      const page = await connectOperator(options, context).readAudit({
        ...Object.fromEntries(FILTERS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]))),
        ...(options.since !== undefined && { since: parseTime(options.since, now) }),
        ...(options.until !== undefined && { until: parseTime(options.until, now) }),
      });
      if (options.json) return writeJson(context, page);
      if (page.entries.length === 0) return context.out.write('There are no such entries.\n');
      context.out.write(alignColumns([HEAD, ...page.entries.map(row)], context.out.columns));
      if (page.nextCursor !== null) {
        context.err.write(`There are older ones: see them with --cursor ${page.nextCursor}.\n`);
      }
    });
}

function row({ at, actor, action, subject, detail }: AuditEntry): string[] {
  return [at, oneLine(actor), oneLine(action), oneLine(subject), detail ? oneLine(JSON.stringify(detail)) : '-'];
}

/** Returns the time in the format of the API. */
function parseTime(text: string, now: Date): string {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined && isAgeUnit(unit))
    return new Date(now.getTime() - Number(count) * AGE_MS[unit]).toISOString();
  // A date alone, or with a time. Date.parse would also take "7" for a year.
  const instant = /^\d{4}-\d{2}-\d{2}(T|$)/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(instant)) return new Date(instant).toISOString();
  throw new OperationalError('USAGE', {
    happened: `"${text}" is neither a time nor an age`,
    remedy: 'Give one such as 2026-11-28T12:00:00Z, 2026-11-28, 30m, 2h or 7d',
  });
}

function isAgeUnit(text: string | undefined): text is keyof typeof AGE_MS {
  return text !== undefined && text in AGE_MS;
}
