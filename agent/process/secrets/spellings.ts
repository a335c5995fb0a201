// The ways in which ordinary programs write a character of a secret, as byte strings: one UTF-16 unit is one byte.
import { LATIN_ENTITIES, PUNCTUATION_ENTITIES } from './html-entities.ts';

const NEWLINE = 10;
const INDENTS = [
  '',
  ...Array.from({ length: 32 }, (_, more) => ' '.repeat(more + 1)),
  '\t',
  '\t\t',
  '\t\t\t',
  '\t\t\t\t',
];

/** Line ends as they stand in a text, with the indentation of the next line (YAML, wrapped options). */
export const WRAPS = ['\n', '\r\n'].flatMap((end) => INDENTS.map((indent) => end + indent));

/** Line ends as they stand inside a string of JSON, of a URI or of HTML. */
export const ESCAPED_WRAPS = [
  ...['\\n', '\\r\\n', '\\\\n', '\\\\r\\\\n'],
  ...['%0A', '%0a', '%0D%0A', '%0d%0a', '%250A', '%250D%250A', '&#10;', '&#xA;', '&#xa;', '&#13;&#10;', '&#xD;&#xA;'],
];

/** Lines that a program broke for their length: quoted-printable, YAML, C and shell. */
export const CONTINUATIONS = WRAPS.flatMap((wrap) => [`=${wrap}`, `\\${wrap}`, `\\${wrap}\\`]);

function byteString(text: string): string {
  return Buffer.from(text).toString('latin1');
}

type Digits = (number: number, width: number) => string;
const lower: Digits = (number, width) => number.toString(16).padStart(width, '0');
const upper: Digits = (number, width) => lower(number, width).toUpperCase();

/** By number: percent, quoted-printable, C, JSON, Python, Perl, Ruby, HTML. */
function* byNumber(codePoint: number, hex: Digits): Generator<string> {
  const text = String.fromCodePoint(codePoint);
  const bytes = [...Buffer.from(text)];
  const units = Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
  const octal = (byte: number): string => byte.toString(8).padStart(3, '0');
  for (const before of ['%', '=', '\\x', '\\']) yield bytes.map((byte) => before + hex(byte, 2)).join('');
  for (const before of ['\\', '\\0']) yield bytes.map((byte) => before + octal(byte)).join('');
  for (const before of ['\\u', '%u']) yield units.map((unit) => before + hex(unit, 4)).join('');
  // Python writes the characters from 128 to 255 by their number; so does the `escape` of old JavaScript.
  if (codePoint >= 0x80 && codePoint <= 0xff) yield* [`\\x${hex(codePoint, 2)}`, `%${hex(codePoint, 2)}`];
  yield `\\U${hex(codePoint, 8)}`;
  for (const width of [1, 2, 4]) yield* [`\\u{${hex(codePoint, width)}}`, `\\x{${hex(codePoint, width)}}`];
  for (const width of [1, 2, 4]) yield* [`&#x${hex(codePoint, width)};`, `&#X${hex(codePoint, width)};`];
  for (const width of [1, 2, 3, 4]) yield `&#${String(codePoint).padStart(width, '0')};`;
}

const NAMED_ESCAPES: Readonly<Record<string, readonly string[]>> = {
  '\0': ['\\0'],
  '\x07': ['\\a'],
  '\b': ['\\b'],
  '\t': ['\\t', '&Tab;'],
  '\n': ['\\n', '&NewLine;'],
  '\v': ['\\v'],
  '\f': ['\\f'],
  '\r': ['\\r'],
  '\x1b': ['\\e', '\\E'],
};

/**
 * Quotes and other characters that are written twice, or by leaving the quotes (POSIX shell; dash for runs of them).
 */
const OTHERWISE: Readonly<Record<string, readonly string[]>> = {
  "'": ["''", `'\\''`, `'"'"'`, `'"'`],
  '"': ['""', `"'"'"`],
  $: ['$$'],
  '%': ['%%'],
  '\\': ['\\\\'],
  ' ': ['+', '&nbsp;', '\n', '\r\n'],
};

/** As `cat -v` shows a byte that does not print. */
function caret(byte: number): string {
  if (byte >= 128) return `M-${caret(byte - 128)}`;
  if (byte < 32) return `^${String.fromCharCode(byte + 64)}`;
  return byte === 127 ? '^?' : String.fromCharCode(byte);
}

function* directly(codePoint: number): Generator<string> {
  const character = String.fromCodePoint(codePoint);
  yield byteString(character);
  yield* byNumber(codePoint, lower);
  yield* byNumber(codePoint, upper);
  yield* NAMED_ESCAPES[character] ?? [];
  yield* OTHERWISE[character] ?? [];
  if (codePoint > 31 && codePoint < 127) yield `\\${character}`;
  else yield* [[...Buffer.from(character)].map(caret).join(''), byteString(character).replace(/[^]/g, '\\$&')];
  for (const name of PUNCTUATION_ENTITIES[character] ?? []) yield `&${name};`;
  const latin = LATIN_ENTITIES[codePoint - 0xa0];
  if (latin !== undefined) yield `&${latin};`;
}

/** A line end may be any line end, an indented one, and a blank where a shell has split the words. */
function* lineEnds(): Generator<string> {
  yield* [...WRAPS, ...WRAPS.map((wrap) => `\n${wrap}`), '\r', ' ', ...directly(NEWLINE)];
  yield* ['\\r\\n', '$\n', '^M$\n', '^M\n', '^J'];
  for (const hex of [lower, upper]) {
    const ends = [...byNumber(NEWLINE, hex)];
    yield* [...byNumber(13, hex)].map((carriageReturn, form) => carriageReturn + ends[form]!);
  }
}

const percent = (text: string, kept: RegExp, hex: Digits): string =>
  text.replace(/[^A-Za-z0-9_.~-]/g, (character) =>
    kept.test(character) ? character : `%${hex(character.charCodeAt(0), 2)}`,
  );
const html = (text: string, apostrophe: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", apostrophe);
const goJson = (text: string): string =>
  text.replace(/["\\]/g, '\\$&').replace(/[<>&]/g, (character) => `\\u00${lower(character.charCodeAt(0), 2)}`);

/** Programs that write what another has written: JSON in JSON, a URI in a URI, a shell that shows its command. */
const AGAIN: readonly ((text: string) => string)[] = [
  (text) => text.replace(/["\\]/g, '\\$&'),
  (text) => text.replace(/["\\/]/g, '\\$&'),
  goJson,
  (text) => percent(text, /$^/, upper),
  (text) => percent(text, /$^/, lower),
  (text) => percent(text, /[!'()*]/, upper),
  (text) => percent(text, /[!'()*;/?:@&=+$,#]/, upper),
  (text) => html(text, '&#39;'),
  (text) => html(text, '&#039;'),
  (text) => html(text, '&#x27;'),
  (text) => html(text, '&apos;'),
  (text) => html(text, "'"),
  (text) => text.replaceAll("'", `'\\''`),
  (text) => text.replaceAll("'", `'"'"'`),
  (text) => text.replace(/["\\$`]/g, '\\$&'),
  (text) => text.replace(/['\\]/g, '\\$&'),
  (text) => text.replace(/[ -,;-?[-^`{-~]/g, '\\$&'),
  (text) => text.replaceAll('"', '""'),
  (text) => text.replaceAll("'", "''"),
];

/** GNU programs leave the quotes for what does not print: 'a'$'\n''b'. */
function* outsideQuotes(spellings: Iterable<string>): Generator<string> {
  for (const spelling of spellings) {
    yield spelling;
    if (/^\\[a-z0-7]/.test(spelling)) yield* [`'$'${spelling}`, `${spelling}''`, `'$'${spelling}''`];
  }
}

/** Every way to write the character once, and, unless it is a letter or digit, to write that once more. */
export function spellingsOf(codePoint: number): Set<string> {
  const character = String.fromCodePoint(codePoint);
  const once = codePoint === NEWLINE ? lineEnds() : directly(codePoint);
  if (/^[A-Za-z0-9]$/.test(character)) return new Set([...once].filter((spelling) => spelling !== `\\${character}`));
  // A program that writes a text once more is given one line of it.
  const first = [...once];
  const again = AGAIN.flatMap((write) => first.filter((spelling) => !spelling.includes('\n')).map(write));
  return new Set(/^[ -~]$/.test(character) ? [...first, ...again] : [...outsideQuotes(first), ...again]);
}
