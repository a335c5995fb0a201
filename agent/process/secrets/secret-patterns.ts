import { textsBeforeBase64 } from './encoded-texts.ts';
import { CONTINUATIONS, ESCAPED_WRAPS, spellingsOf, WRAPS } from './spellings.ts';

/** Shorter lines of a secret of several lines say little, and would mask ordinary words. */
const MIN_LINE_CHARACTERS = 8;
/**
 * A longer secret is searched for in parts, each by itself: what is held back of a stream, and read before and after a
 * range of it, has a bound then.
 */
const MAX_PART_CHARACTERS = 128;
/** Longer secrets are keys of several lines, which nobody sends in a header. */
const MAX_TWICE_ENCODED_CHARACTERS = 256;
/** A secret at least this long is also found where a line break was put into it. */
const MIN_WRAPPED_CHARACTERS = 16;

/** Byte strings that may stand between two symbols of a pattern. */
export interface Separators {
  /**
   * What may stand after the first symbol. A line that ends in what may be the first symbol of a secret is not held
   * back for it.
   */
  readonly afterFirst: readonly string[];
  readonly later: readonly string[];
  readonly areRequired: boolean;
  /** After these bytes a pattern may begin with its second symbol, for the first was before the line break. */
  readonly lateStarts: readonly string[];
}

/** A pattern to search for: symbols, each of which can be written in several ways. */
export interface SecretPattern {
  readonly symbols: readonly SymbolKey[];
  readonly separators: Separators;
}

/** A code point, the digits of base64 that are possible at a position, or a byte in hexadecimal or decimal digits. */
export type SymbolKey = `text ${number}` | `base64 ${string}` | `hex ${number}` | `decimal ${number}`;

const NO_SEPARATORS: Separators = { afterFirst: [], later: [], areRequired: false, lateStarts: [] };
const TEXT_WRAPS: Separators = {
  afterFirst: [],
  later: [...WRAPS, ...CONTINUATIONS],
  areRequired: false,
  lateStarts: ['\n'],
};
const BASE64_WRAPS: Separators = {
  // An unquoted `$VALUE` of a shell has blanks for line breaks.
  afterFirst: ESCAPED_WRAPS,
  later: [...WRAPS, ...CONTINUATIONS, ...ESCAPED_WRAPS, ' '],
  areRequired: false,
  lateStarts: ['\n', ' '],
};
const HEX_GAPS = [' ', '  ', ':', '-', ',', ', ', ' 0x', ',0x', ', 0x', ...WRAPS, ...WRAPS.map((w) => `,${w}0x`)];
const HEX_SEPARATORS: Separators = {
  afterFirst: HEX_GAPS,
  later: HEX_GAPS,
  areRequired: false,
  lateStarts: [],
};
const DECIMAL_GAPS = [',', ', ', ' ', ...WRAPS, ...WRAPS.map((wrap) => `,${wrap}`)];
const DECIMAL_SEPARATORS: Separators = {
  afterFirst: DECIMAL_GAPS,
  later: DECIMAL_GAPS,
  areRequired: true,
  lateStarts: [],
};

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PLUS = ['+', '-', '%2B', '%2b', '%252B', '\\u002b', '\\u002B', '&#43;', '&#x2B;', '&plus;'];
const SLASH = ['/', '_', '\\/', '\\\\/', '\\\\\\/', '%2F', '%2f', '%252F', '\\u002f', '\\u002F', '&#47;', '&#x2F;'];

export function symbolSpellings(key: SymbolKey): Iterable<string> {
  const [family, value] = key.split(' ', 2) as [string, string];
  if (family === 'text') return spellingsOf(Number(value));
  if (family === 'decimal') return [value];
  if (family === 'hex') return new Set(hexDigits(Number(value)));
  return [...value].flatMap((digit) => (digit === '+' ? PLUS : digit === '/' ? SLASH : [digit]));
}

function hexDigits(byte: number): string[] {
  const digits = byte.toString(16).padStart(2, '0');
  return [digits, digits.toUpperCase()];
}

/** Yields every pattern that is searched for because of one secret. */
export function* patternsOf(secret: string, minCharacters: number): Generator<SecretPattern> {
  const text = secret.trim();
  if (text.length < minCharacters) return;
  for (const part of new Set(partsOf(text))) yield* patternsOfPart(part);
  if (text.length > MAX_TWICE_ENCODED_CHARACTERS) return;
  // A value that is encoded, and then sent in an HTTP header or kept as a secret of Kubernetes, is encoded twice.
  const encoded = Buffer.from(text).toString('base64').replace(/.?=*$/, '');
  for (const part of cut(encoded)) yield* base64Patterns(Buffer.from(part));
}

function* partsOf(text: string): Generator<string> {
  // `\n` as well: a key is often a string of a JSON text, and written to a file by itself.
  const lines = text.split(/\r?\n|\r|\\r\\n|\\n/).map((line) => line.trim());
  const isLong = (line: string): boolean => line.length >= MIN_LINE_CHARACTERS && isTelling(line);
  for (const line of lines) if (isLong(line)) yield* cut(line);
  // Tools print keys with their own line ends, so the lines are enough where none is too short to be told from words.
  if (lines.some((line) => isTelling(line) && !isLong(line))) yield* cut(text);
  if (lines.length === 1) yield* cut(text);
}

/** The frame of a PEM text ("-----BEGIN …") is no secret, and masking it would hide what a message is about. */
function isTelling(line: string): boolean {
  return !line.startsWith('-----') && /[\p{L}\p{N}]/u.test(line);
}

/** Parts of about the same length, so that none is too short to be told from other text; none begins with a blank. */
function cut(text: string): string[] {
  const characters = [...text];
  const count = Math.ceil(characters.length / MAX_PART_CHARACTERS);
  const size = Math.ceil(characters.length / count);
  return Array.from({ length: count }, (_, at) =>
    characters
      .slice(at * size, (at + 1) * size)
      .join('')
      .trim(),
  );
}

function* patternsOfPart(part: string): Generator<SecretPattern> {
  const codePoints = [...part.replaceAll('\r\n', '\n')].map((character) => character.codePointAt(0)!);
  yield {
    symbols: codePoints.map((codePoint) => `text ${codePoint}` as const),
    separators: codePoints.length < MIN_WRAPPED_CHARACTERS ? NO_SEPARATORS : TEXT_WRAPS,
  };
  for (const text of textsBeforeBase64(part)) yield* base64Patterns(Buffer.from(text));
  const bytes = [...Buffer.from(part)];
  yield { symbols: bytes.map((byte) => `hex ${byte}` as const), separators: HEX_SEPARATORS };
  yield { symbols: bytes.map((byte) => `decimal ${byte}` as const), separators: DECIMAL_SEPARATORS };
}

/**
 * Yields the digits that base64 of a text with these bytes must contain, with 0, 1 or 2 bytes of others before them.
 */
function* base64Patterns(bytes: Buffer): Generator<SecretPattern> {
  for (const phase of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(phase), bytes, Buffer.alloc(2)]);
    const end = (phase + bytes.length) * 8;
    const symbols: SymbolKey[] = [];
    // The first digit has at most four bits of the secret where it has bits of what stands before, and is left alone:
    // as any of 16 digits it would make every text begin like a secret.
    for (let digit = Math.ceil((phase * 8) / 6); digit * 6 < end; digit += 1) {
      symbols.push(`base64 ${possibleDigits(digitAt(padded, digit), Math.max(0, (digit + 1) * 6 - end))}`);
    }
    yield { symbols, separators: BASE64_WRAPS };
  }
}

function digitAt(bytes: Buffer, digit: number): number {
  const bit = digit * 6;
  const pair = (bytes[bit >> 3]! << 8) | (bytes[(bit >> 3) + 1] ?? 0);
  return (pair >> (10 - (bit & 7))) & 63;
}

/** The last bits may belong to what stands behind. */
function possibleDigits(value: number, freeBits: number): string {
  if (freeBits === 0) return BASE64[value]!;
  return [...BASE64].filter((_, other) => other >> freeBits === value >> freeBits).join('');
}
