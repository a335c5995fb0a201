import type { YAMLException } from 'js-yaml';
import { quoted, quotedForYaml } from '../text/quote.ts';
import type { Problem } from '../text/source-text.ts';

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
// A quote that is left open is noticed at the first line that is indented too little to belong to it.
const MAX_LINES_OF_VALUE = 500;

/** A quote or a bracket that is opened and not closed: the parser says where it gave up. */
function openValue(lines: readonly string[], end: number, reason: string): Problem | null {
  if (!/deficient indentation|unexpected end/.test(reason)) return null;
  for (let at = end; at >= 0 && at > end - MAX_LINES_OF_VALUE; at--) {
    const line = lines[at] ?? '';
    const before = BEFORE_VALUE.exec(line)![0];
    const value = line.slice(before.length);
    if (!isLeftOpen(value)) continue;
    const what = /^["']/.test(value) ? 'the quote' : 'the bracket';
    const message = `${what} ${value[0]} that is opened here is not closed before line ${end + 1}`;
    return { line: at + 1, column: before.length + 1, message };
  }
  return null;
}

function isLeftOpen(value: string): boolean {
  if (value.startsWith('"')) return /^"(?:[^"\\]|\\.)*\\?$/.test(value);
  if (value.startsWith("'")) return /^'(?:[^']|'')*$/.test(value);
  if (!/^[[{]/.test(value)) return false;
  const plain = value.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, '');
  return (plain.match(/[[{]/g) ?? []).length > (plain.match(/[\]}]/g) ?? []).length;
}

const KEY = /^(\s*(?:-\s+)*)([A-Za-z_][\w.-]*):(?:\s|$)/;

/** A key that lacks its colon, or the blank behind it: the parser has read it as text, and complains of what follows. */
function brokenKey(lines: readonly string[], at: number, reason: string): Problem | null {
  const above = lines.slice(0, at).findLastIndex((one) => /^\s*[^\s#]/.test(one));
  return keyWithoutBlank(lines, /':' after/.test(reason) ? at : above) ?? keyWithoutColon(lines, above, at);
}

function keyWithoutBlank(lines: readonly string[], at: number): Problem | null {
  // `docker:dind` in a list is text, and so is an address.
  const match = /^(\s*)([A-Za-z_][\w.-]*):([^\s:/][^:]*)$/.exec(lines[at] ?? '');
  if (!match) return null;
  const [, indent = '', key = '', value = ''] = match;
  const message = `YAML reads ${quoted(`${key}:${value}`)} as text and as no key; put a blank after the colon: ${quoted(`${key}: ${value}`)}`;
  return { line: at + 1, column: indent.length + 1, message };
}

function keyWithoutColon(lines: readonly string[], above: number, at: number): Problem | null {
  const match = /^(\s*(?:-\s+)*)([A-Za-z_][\w.-]*)(?:\s+(\S+))?\s*$/.exec(lines[above] ?? '');
  if (!match) return null;
  const [, indent = '', key = '', value = ''] = match;
  const below = lines[at] ?? '';
  // What is indented further belongs to the word above it. Beside a key with its value stands another key, and no list item.
  const isMeant = value === '' ? isFurther(below, indent.length) : KEY.exec(below)?.[1] === ' '.repeat(indent.length);
  if (!isMeant) return null;
  const [text, whole] = value === '' ? [key, `${key}:`] : [`${key} ${value}`, `${key}: ${value}`];
  const message = `YAML reads ${quoted(text)} as text and as no key; write it with a colon: ${quoted(whole)}`;
  return { line: above + 1, column: indent.length + 1, message };
}

function isFurther(line: string, column: number): boolean {
  const [, indent] = KEY.exec(line) ?? /^(\s*)- /.exec(line) ?? [];
  return indent !== undefined && indent.length > column;
}

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
