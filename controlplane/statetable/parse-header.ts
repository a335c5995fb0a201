import { isBlankAt, skipBlanks } from './scan-line.ts';

export interface Header {
  readonly name: string;
  readonly transitionMethod: string | null;
  readonly timer: string | null;
}

const TIMER = /^[A-Za-z0-9_-]+$/;
const VARIABLE_NAME = /^[A-Za-z0-9_-]+$/;

/** Reads characters until a blank or one of `stops`. */
function nameEnd(text: string, from: number, stops: string): number {
  let at = from;
  while (at < text.length && !isBlankAt(text, at) && !stops.includes(text[at]!)) at += 1;
  return at;
}

function parseTimer(text: string, from: number): { timer: string; next: number } | null {
  const end = text.indexOf(']', from);
  const timer = end < 0 ? '' : text.slice(from + 1, end);
  return TIMER.test(timer) ? { timer, next: skipBlanks(text, end + 1) } : null;
}

/** `name : method [timer] {` with method and timer optional; null when the line is something else. */
export function parseHeader(text: string): Header | null {
  if (!text.endsWith('{')) return null;
  let at = nameEnd(text, 0, ':{}[]');
  if (at === 0) return null;
  const name = text.slice(0, at);
  let transitionMethod: string | null = null;
  let timer: string | null = null;
  at = skipBlanks(text, at);
  if (text[at] === ':') {
    const start = skipBlanks(text, at + 1);
    const end = nameEnd(text, start, '[{}');
    if (end === start) return null;
    transitionMethod = text.slice(start, end);
    at = skipBlanks(text, end);
  }
  if (text[at] === '[') {
    const parsed = parseTimer(text, at);
    if (!parsed) return null;
    timer = parsed.timer;
    at = parsed.next;
  }
  return at === text.length - 1 ? { name, transitionMethod, timer } : null;
}

/** `name = value`; null when the line is something else. */
export function parseVariable(text: string): { name: string; value: string } | null {
  const equals = text.indexOf('=');
  if (equals < 0) return null;
  const nameStop = nameEnd(text, 0, '=');
  if (skipBlanks(text, nameStop) !== equals) return null;
  const name = text.slice(0, nameStop);
  const value = text.slice(skipBlanks(text, equals + 1));
  return VARIABLE_NAME.test(name) && value !== '' ? { name, value } : null;
}
