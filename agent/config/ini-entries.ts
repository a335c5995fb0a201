import { unsafe as unquote } from 'ini';
import { excerptOf, quoted } from '../../shared/support/quote.ts';

/** What a text in the form of an ini file says: the values of each key of each section, and a sentence for each line that says nothing. */
interface IniEntries {
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly faults: readonly string[];
}

interface Reading {
  /** The section that the next keys belong to: null before the first, undefined below a header that cannot be read. */
  section: string | null | undefined;
  readonly sections: Map<string, Map<string, string>>;
  readonly lines: Map<string, number>;
}

/**
 * Reads sections, keys and values, each as the text that it stands for. The library takes whole files too, but it makes numbers
 * and lists of values in quotation marks, keeps the last of two values, and leaves out lines and names without a word.
 */
export function readIniEntries(text: string): IniEntries {
  const reading: Reading = { section: null, sections: new Map(), lines: new Map() };
  // Editors write a byte order mark, and the line ends of other systems.
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const faults = lines.flatMap((whole, index) => {
    const line = whole.trim();
    if (line === '' || line.startsWith(';') || line.startsWith('#')) return [];
    const fault = line.startsWith('[') ? readHeader(reading, line) : readEntry(reading, line, index + 1);
    return fault === null ? [] : [`line ${index + 1}: ${fault}`];
  });
  return { sections: reading.sections, faults };
}

/** Returns what is wrong with the line; null when nothing is. */
function readHeader(reading: Reading, line: string): string | null {
  const [, written, rest] = /^\[([^\]]*)\](.*)$/.exec(line) ?? [];
  reading.section = undefined;
  if (written === undefined || rest === undefined) return `${excerptOf(line)} has no "]"`;
  if (!/^\s*(?:[;#]|$)/.test(rest)) return `${excerptOf(line)} has more than a comment behind the "]"`;
  const name = textOf(written.trim());
  if (name === null) return `${excerptOf(line)} ${QUOTES_WRONG}`;
  reading.section = name;
  if (!reading.sections.has(name)) reading.sections.set(name, new Map());
  return null;
}

/** Returns what is wrong with the line; null when nothing is. */
function readEntry(reading: Reading, line: string, number: number): string | null {
  const [, written = '', value] = /^([^=]*?)\s*(?:=(.*))?$/.exec(line) ?? [];
  const key = textOf(written);
  if (key === null) return `${excerptOf(written)} ${QUOTES_WRONG}`;
  if (key === '') return `${quoted(line)} has no key in front of the "="`;
  if (reading.section === null) return `${excerptOf(key)} stands before any section`;
  if (reading.section === undefined) return null;
  const where = `[${excerptOf(reading.section)}] ${excerptOf(key)}`;
  const name = JSON.stringify([reading.section, key]);
  const first = reading.lines.get(name);
  if (first !== undefined) return `${where} is given twice, in lines ${first} and ${number}`;
  reading.lines.set(name, number);
  if (value === undefined) return `${where} has no value: write "key = value"`;
  const text = textOf(value.trim());
  if (text === null) return `${where} = ${quoted(value.trim())} ${QUOTES_WRONG}`;
  reading.sections.get(reading.section)?.set(key, text);
  return null;
}

const QUOTES_WRONG =
  'is no text in quotation marks: close the quotation mark, and between double ones write \\" and \\\\ for " and \\';

/** Returns the text that is written, without quotation marks and without a comment; null when the marks do not match. */
function textOf(written: string): string | null {
  if (!/^["']/.test(written)) return String(unquote(written));
  const [, text] = /^("(?:[^"\\]|\\.)*"|'[^']*')\s*(?:[;#].*)?$/.exec(written) ?? [];
  if (text === undefined) return null;
  if (text.startsWith("'")) return text.slice(1, -1);
  try {
    return String(JSON.parse(text));
  } catch {
    // An escape that there is not, such as \x. The caller says so.
    return null;
  }
}
