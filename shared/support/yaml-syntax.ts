import type { YAMLException } from 'js-yaml';
import { quotedForYaml } from './quote.ts';
import type { Problem } from './source-text.ts';

/** Returns the parser's message, with a remedy for a person who meant plain text. */
export function syntaxProblem(text: string, error: YAMLException): Problem {
  const line = error.mark?.line ?? 0;
  const column = (error.mark?.column ?? 0) + 1;
  const depth = /maxDepth \((\d+)\)/.exec(error.reason)?.[1];
  if (depth !== undefined) {
    const message = `lists and mappings are nested here more than ${depth} deep, and no deeper ones are read`;
    return { line: line + 1, column, message };
  }
  const hint = hintFor(text.split(/\r\n|\r|\n/)[line] ?? '', error.reason);
  return { line: line + 1, column, message: `${error.reason}${hint}` };
}

// List dashes and keys in front of a value.
const BEFORE_VALUE = /^\s*(?:-\s+)*(?:[\w.-]+:\s+)?/;
/**
 * Characters that have a meaning to YAML at the beginning of a value, but none that could be a nested structure
 * alone.
 */
const INDICATORS = /^[!&*@`%|>[{\]},?]/;

function hintFor(line: string, reason: string): string {
  if (/^ *\t/.test(line)) return '; indent with blanks, not with tabs';
  if (reason.includes('escape'))
    return '; in double quotes a backslash begins an escape: write it twice, or use single quotes';
  const value = line.replace(BEFORE_VALUE, '').trimEnd();
  if (/^["']/.test(value)) return `; a value that begins with a quote ends with it${insteadWrite(value)}`;
  if (INDICATORS.test(value)) return `; a value that begins with "${value[0]}" must be in quotes${insteadWrite(value)}`;
  if (/:(\s|$)/.test(value)) return `; a value with ": " in it must be in quotes${insteadWrite(value)}`;
  return '';
}

function insteadWrite(value: string): string {
  const whole = quotedForYaml(value);
  return whole === null ? '' : `: ${whole}`;
}
