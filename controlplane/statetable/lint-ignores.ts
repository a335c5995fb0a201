import type { Finding, Rule } from './lint-finding.ts';
import { RULES } from './lint-finding.ts';
import { readLines, type Line } from './scan-line.ts';

/** A `# lint-ignore: rule reason` comment. */
export interface LintIgnore {
  /** The rule it ignores; null when it names no rule of the linter. */
  readonly rule: Rule | null;
  readonly given: string;
  readonly reason: string;
  /** The line of the comment, for messages. */
  readonly line: number;
  readonly column: number;
  /** The line whose findings it ignores: its own line if that holds a row or header, else the next line that does. */
  readonly aboutLine: number | null;
}

export interface IgnoredFinding extends Finding {
  readonly reason: string;
}

const IGNORE = /#\s*lint-ignore:\s*(?<given>\S*)\s*(?<reason>.*)$/;
/** Rules about missing things. Their findings have no line on which a comment could stand. */
const OF_THE_WHOLE_TABLE: ReadonlySet<Rule> = new Set(['no-state', 'missing-failure', 'missing-terminate']);

function isSubject({ content }: Line): boolean {
  return content.text !== '' && content.text !== '}';
}

/** Parses all lint-ignore comments of a table. A parsed table holds no comments, so this reads the text. */
export function parseLintIgnores(text: string): LintIgnore[] {
  const ignores: LintIgnore[] = [];
  let next: number | null = null;
  for (const line of readLines(text).toReversed()) {
    if (isSubject(line)) next = line.number;
    const match = IGNORE.exec(line.written);
    if (!match?.groups) continue;
    const { given = '', reason = '' } = match.groups;
    const rule = RULES.find((known) => known === given) ?? null;
    const location = { line: line.number, column: match.index + 1, aboutLine: next };
    ignores.push({ rule, given, reason: reason.trim(), ...location });
  }
  return ignores.toReversed();
}

function isAbout(ignore: LintIgnore, finding: Finding): boolean {
  if (ignore.rule !== finding.rule || ignore.reason === '') return false;
  return OF_THE_WHOLE_TABLE.has(finding.rule) || finding.line === ignore.aboutLine;
}

function complaint(ignore: LintIgnore, rule: 'bad-ignore' | 'unused-ignore', message: string): Finding {
  const severity = rule === 'bad-ignore' ? 'error' : 'warning';
  return { rule, severity, state: null, value: null, line: ignore.line, column: ignore.column, message };
}

function complaintAbout(ignore: LintIgnore, isUsed: boolean): Finding[] {
  if (ignore.rule === null) return [complaint(ignore, 'bad-ignore', `"${ignore.given}" is no rule of the linter`)];
  if (ignore.reason === '') return [complaint(ignore, 'bad-ignore', `The lint-ignore of ${ignore.rule} has no reason`)];
  return isUsed ? [] : [complaint(ignore, 'unused-ignore', `There is no ${ignore.rule} here to ignore`)];
}

/**
 * Removes ignored findings, and reports comments that give no reason or match no finding. A comment for a rule that
 * was not checked is not reported: a text without its class may ignore findings that only the class shows.
 */
export function applyIgnores(
  found: readonly Finding[],
  ignores: readonly LintIgnore[],
  uncheckedRules: ReadonlySet<Rule> = new Set(),
): { findings: Finding[]; ignored: IgnoredFinding[] } {
  const used = new Set<LintIgnore>();
  const isOutOfSight = ({ rule }: LintIgnore): boolean => rule !== null && uncheckedRules.has(rule);
  const findings: Finding[] = [];
  const ignored: IgnoredFinding[] = [];
  for (const finding of found) {
    const about = ignores.filter((ignore) => isAbout(ignore, finding));
    for (const ignore of about) used.add(ignore);
    if (about[0]) ignored.push({ ...finding, reason: about[0].reason });
    else findings.push(finding);
  }
  return {
    findings: [
      ...findings,
      ...ignores.flatMap((ignore) => complaintAbout(ignore, used.has(ignore) || isOutOfSight(ignore))),
    ],
    ignored,
  };
}
