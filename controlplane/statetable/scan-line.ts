/**
 * White space of a table: space, TAB, CR, VT, FF, no-break space, and the byte order mark that some editors put
 * in front. Spelled out, because `\s` also takes characters that may stand in names (U+2028, U+3000).
 */
const BLANKS = new Set([' ', '\t', '\r', '\v', '\f', '\u00a0', '\ufeff']);

/** A piece of a line and where it begins (0-based). */
export interface Piece {
  readonly text: string;
  readonly offset: number;
}

/** One line of the table. Scanned by hand: regular expressions with several blanks in a row are not linear. */
export interface Line {
  readonly number: number;
  /** As it was written, for messages. */
  readonly written: string;
  /** Without comment and outer blanks. */
  readonly content: Piece;
}

export function isBlank(character: string | undefined): boolean {
  return character !== undefined && BLANKS.has(character);
}

export function skipBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text[at])) at += 1;
  return at;
}

function skipWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isBlank(text[at])) at += 1;
  return at;
}

function trimmed(text: string): Piece {
  const offset = skipBlanks(text, 0);
  let end = text.length;
  while (end > offset && isBlank(text[end - 1])) end -= 1;
  return { text: text.slice(offset, end), offset };
}

export function readLines(text: string): Line[] {
  return text.split('\n').map((written, index) => {
    const comment = written.indexOf('#');
    const content = trimmed(comment < 0 ? written : written.slice(0, comment));
    return { number: index + 1, written: written.endsWith('\r') ? written.slice(0, -1) : written, content };
  });
}

/** The words of a line; their offsets count from the start of the line as it was written. */
export function wordsOf(line: Line): Piece[] {
  const { text, offset } = line.content;
  const words: Piece[] = [];
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    const end = skipWord(text, at);
    words.push({ text: text.slice(at, end), offset: offset + at });
    at = end;
  }
  return words;
}
