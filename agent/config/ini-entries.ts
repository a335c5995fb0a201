import { unsafe as unquote } from 'ini';
import { excerptOf, quoted } from '../../shared/text/quote.ts';

/**
 * Contents of a text in the form of an ini file: the values of each key of each section, and a sentence for each line
 * that cannot be read.
 */
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
  if ('fault' in name) return `${excerptOf(line)} ${name.fault}`;
  reading.section = name.text;
  if (!reading.sections.has(name.text)) reading.sections.set(name.text, new Map());
  return null;
}

/** Returns what is wrong with the line; null when nothing is. */
function readEntry(reading: Reading, line: string, number: number): string | null {
  const [, written = '', value] = /^([^=]*?)\s*(?:=(.*))?$/.exec(line) ?? [];
  const readKey = textOf(written);
  if ('fault' in readKey) return `${excerptOf(written)} ${readKey.fault}`;
  const key = readKey.text;
  if (key === '') return `${quoted(line)} has no key in front of the "="`;
  if (reading.section === null) return `${excerptOf(key)} stands before any section`;
  if (reading.section === undefined) return null;
  const where = `[${excerptOf(reading.section)}] ${excerptOf(key)}`;
  const name = JSON.stringify([reading.section, key]);
  const first = reading.lines.get(name);
  if (first !== undefined) return `${where} is given twice, in lines ${first} and ${number}`;
  reading.lines.set(name, number);
  if (value === undefined) return `${where} has no value: write "key = value"`;
  const read = textOf(value.trim());
  if ('fault' in read) return `${where} = ${quoted(value.trim())} ${read.fault}`;
  reading.sections.get(reading.section)?.set(key, read.text);
  return null;
}

interface ReadText {
  readonly text: string;
}
interface UnreadText {
  /** Continues a sentence about a line. */
  readonly fault: string;
}

const WRONG = 'is no text in quotation marks:';
const OPEN = `${WRONG} close the quotation mark`;
const ESCAPES = `${WRONG} between double ones write \\" and \\\\ for " and \\`;
const SEVERAL = `${WRONG} write one pair of marks around all of it, as in "/a, /b", or none`;

/** Returns the text that is written, without quotation marks and without a comment. */
function textOf(written: string): ReadText | UnreadText {
  const mark = written[0];
  if (mark !== '"' && mark !== "'") return { text: String(unquote(written)) };
  const marks = [...written.slice(1).matchAll(mark === '"' ? /\\.|"/g : /'/g)]
    .filter(([found]) => found === mark)
    .map(({ index }) => index + 1);
  const end = marks.find((at) => /^\s*(?:[;#].*)?$/.test(written.slice(at + 1)));
  if (end === undefined) return { fault: marks.length > 0 ? SEVERAL : OPEN };
  const inner = marks.filter((at) => at < end);
  // `'/tmp/it's'` can only mean one text, as other readers of such files take it. `"/a", "/b"` are two.
  if (inner.some((at) => /^(?:\s*[,;#]|\s+["'])/.test(written.slice(at + 1)))) return { fault: SEVERAL };
  if (mark === "'") return { text: written.slice(1, end) };
  const escaped = [0, ...inner, end].map((at, index, all) => written.slice(at + 1, all[index + 1])).slice(0, -1);
  try {
    return { text: String(JSON.parse(`"${escaped.join('\\"')}"`)) };
  } catch {
    // An escape that does not exist, such as \x.
    return { fault: ESCAPES };
  }
}
