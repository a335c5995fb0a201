import { isBlankAt, skipBlanks } from './scan-line.ts';

export interface Header {
  readonly kind: 'header';
  readonly name: string;
  readonly transitionMethod: string | null;
  readonly timer: string | null;
}

/** The mistake in a line that ends in `{` but is no header, and its offset (0-based). */
export interface HeaderProblem {
  readonly kind: 'problem';
  readonly offset: number;
  readonly message: string;
  readonly expected: string;
}

const TIMER = /^[A-Za-z0-9_-]+$/;
const VARIABLE_NAME = /^[A-Za-z0-9_-]+$/;
const HEADER_SYNTAX = '`state:method [timer] {` on one line, method and timer optional';

/** Reads characters until a blank or one of `stops`. */
function nameEnd(text: string, from: number, stops: string): number {
  let at = from;
  while (at < text.length && !isBlankAt(text, at) && !stops.includes(text[at]!)) at += 1;
  return at;
}

function problem(offset: number, message: string, expected = HEADER_SYNTAX): HeaderProblem {
  return { kind: 'problem', offset, message, expected };
}

function parseTimer(text: string, from: number): { timer: string; next: number } | null {
  const end = text.indexOf(']', from);
  const timer = end < 0 ? '' : text.slice(from + 1, end);
  return TIMER.test(timer) ? { timer, next: skipBlanks(text, end + 1) } : null;
}

/** Parses `name : method [timer] {`, method and timer optional; null when the line is not meant as a header. */
export function parseHeader(text: string): Header | HeaderProblem | null {
  if (!text.endsWith('{')) return null;
  let at = nameEnd(text, 0, ':{}[]');
  if (at === 0) return problem(0, 'The name of the state is missing');
  const name = text.slice(0, at);
  let transitionMethod: string | null = null;
  let timer: string | null = null;
  at = skipBlanks(text, at);
  if (text[at] === ':') {
    const start = skipBlanks(text, at + 1);
    const end = nameEnd(text, start, '[{}');
    if (end === start) return problem(start, 'The transition method after the colon is missing');
    transitionMethod = text.slice(start, end);
    at = skipBlanks(text, end);
  }
  if (text[at] === '[') {
    const parsed = parseTimer(text, at);
    if (!parsed) return problem(at, 'This is not a timer', '`[timer]`, of letters, digits, `_` and `-` without blanks');
    timer = parsed.timer;
    at = parsed.next;
  }
  if (at === text.length - 1) return { kind: 'header', name, transitionMethod, timer };
  const surplus = text.slice(at, nameEnd(text, at + 1, '{'));
  return problem(at, `"${surplus}" cannot stand here in the header of "${name}"`);
}

/** Parses `name = value`; null when the line is something else. */
export function parseVariable(text: string): { name: string; value: string } | null {
  const equals = text.indexOf('=');
  if (equals < 0) return null;
  const nameStop = nameEnd(text, 0, '=');
  if (skipBlanks(text, nameStop) !== equals) return null;
  const name = text.slice(0, nameStop);
  const value = text.slice(skipBlanks(text, equals + 1));
  return VARIABLE_NAME.test(name) && value !== '' ? { name, value } : null;
}
