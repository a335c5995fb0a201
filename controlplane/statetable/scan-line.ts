// The white space of a table is spelled out, because `\s` also matches characters that names may hold (U+2028, U+3000).
const SPACE = 0x20;
const TAB = 0x09;
const VERTICAL_TAB = 0x0b;
const CARRIAGE_RETURN = 0x0d; // with FF before it; 0x0a ends the line
const NO_BREAK_SPACE = 0xa0;
const BYTE_ORDER_MARK = 0xfeff; // some editors write it at the start of a file

/** A piece of a line and its offset (0-based). */
export interface LinePiece {
  readonly text: string;
  readonly offset: number;
}

/** One line of the table. It is scanned by hand, because regular expressions take quadratic time on runs of blanks. */
export interface Line {
  readonly number: number;
  /** The line as it was written, for messages. */
  readonly written: string;
  /** The line without comment and outer blanks. */
  readonly content: LinePiece;
}

/**
 * Returns whether there is white space at `at`; false beyond the end. It compares numbers, because it runs once per
 * character.
 */
export function isBlankAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code <= SPACE) return code === SPACE || code === TAB || (code >= VERTICAL_TAB && code <= CARRIAGE_RETURN);
  return code === NO_BREAK_SPACE || code === BYTE_ORDER_MARK;
}

export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (isBlankAt(text, at)) at += 1;
  return at;
}

function skipWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isBlankAt(text, at)) at += 1;
  return at;
}

function trimmed(text: string): LinePiece {
  const offset = skipBlanks(text, 0);
  let end = text.length;
  while (end > offset && isBlankAt(text, end - 1)) end -= 1;
  return { text: text.slice(offset, end), offset };
}

export function readLines(text: string): Line[] {
  return text.split('\n').map((written, index) => {
    const comment = written.indexOf('#');
    const content = trimmed(comment < 0 ? written : written.slice(0, comment));
    return { number: index + 1, written: written.endsWith('\r') ? written.slice(0, -1) : written, content };
  });
}

/** Returns the words of a line. Their offsets count from the start of the line as it was written. */
export function wordsOf(line: Line): LinePiece[] {
  const { text, offset } = line.content;
  const words: LinePiece[] = [];
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    const end = skipWord(text, at);
    words.push({ text: text.slice(at, end), offset: offset + at });
    at = end;
  }
  return words;
}
