import type { YAMLException } from 'js-yaml';
import { quoted, quotedForYaml } from './quote.ts';
import type { Problem } from './source-text.ts';

/** Returns the parser's message with a remedy, or the mistake itself where the parser notices it only further below. */
export function syntaxProblem(text: string, error: YAMLException): Problem {
  const lines = text.split(/\r\n|\r|\n/);
  const at = error.mark?.line ?? 0;
  const { reason } = error;
  const column = (error.mark?.column ?? 0) + 1;
  const depth = /maxDepth \((\d+)\)/.exec(reason)?.[1];
  if (depth !== undefined) {
    const message = `lists and mappings are nested here more than ${depth} deep, and no deeper ones are read`;
    return { line: at + 1, column, message };
  }
  const isTab = /^ *\t/.test(lines[at] ?? '');
  const cause = conflictMark(lines) ?? (isTab ? null : (openValue(lines, at, reason) ?? brokenKey(lines, at, reason)));
  return cause ?? { line: at + 1, column, message: `${reason}${hintFor(lines, at, reason)}` };
}

function conflictMark(lines: readonly string[]): Problem | null {
  const at = lines.findIndex((line) => /^(?:<{7}|>{7}) \S/.test(line));
  if (at < 0) return null;
  const message = `git has written ${quoted(lines[at]!)} where it could not merge; keep one of the two texts and remove its marks`;
  return { line: at + 1, column: 1, message };
}

// List dashes and keys in front of a value.
const BEFORE_VALUE = /^\s*(?:-\s+)*(?:[\w.-]+:\s+)?/;
/** Characters with a meaning in YAML at the beginning of a value, except those that could be a nested structure by themselves. */
const INDICATORS = /^[!&*@`%|>[{\]},?]/;

function hintFor(lines: readonly string[], at: number, reason: string): string {
  const line = lines[at] ?? '';
  if (/^ *\t/.test(line)) return '; indent with blanks, not with tabs';
  if (reason.includes('escape'))
    return '; in double quotes a backslash begins an escape: write it twice, or use single quotes';
  const value = line.replace(BEFORE_VALUE, '').trimEnd();
  if (/^["']/.test(value)) return `; a value that begins with a quote ends with it${insteadWrite(value)}`;
  if (INDICATORS.test(value)) return `; a value that begins with "${value[0]}" must be in quotes${insteadWrite(value)}`;
  if (/:\s/.test(value)) return `; a value with ": " in it must be in quotes${insteadWrite(value)}`;
  return reason.includes('indentation') ? `; ${hintForIndentation(line)}` : '';
}

function hintForIndentation(line: string): string {
  if (/^\s*-(?:\s|$)/.test(line)) return 'the dashes of one list stand in one column';
  if (KEY.test(line)) return 'the keys of one mapping stand in one column';
  return 'a text of several lines is indented further than its key or its dash, and a list item begins with "- "';
}

function insteadWrite(value: string): string {
  const whole = quotedForYaml(value);
  return whole === null ? '' : `: ${whole}`;
}
