// The ways in which programs write a given string, taken from their output. test/integration/agent/masking.test.ts
// runs those programs that are installed.

type Write = (text: string) => string;

const hex = (number: number, width: number): string => number.toString(16).padStart(width, '0');
const units = (text: string, write: (unit: number) => string): string =>
  Array.from({ length: text.length }, (_, at) => write(text.charCodeAt(at))).join('');
const bytes = (text: string, write: (byte: number) => string): string => [...Buffer.from(text)].map(write).join('');
const inner = (text: string): string => JSON.stringify(text).slice(1, -1);
const ascii: Write = (text) => text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`);
const entities = (quote: string, apostrophe: string): Write => {
  const named: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': quote, "'": apostrophe };
  return (text) => text.replace(/[&<>"']/g, (character) => named[character]!);
};
const percent =
  (kept: RegExp, letters: 'upper' | 'lower'): Write =>
  (text) =>
    bytes(text, (byte) => {
      const character = String.fromCharCode(byte);
      if (byte < 128 && kept.test(character)) return character;
      return `%${letters === 'upper' ? hex(byte, 2).toUpperCase() : hex(byte, 2)}`;
    });
const cEscapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};
const cOctal = (text: string): string =>
  bytes(text, (byte) => {
    const character = String.fromCharCode(byte);
    const known = cEscapes[character];
    if (known !== undefined) return known;
    return byte < 32 || byte > 126 ? `\\${byte.toString(8).padStart(3, '0')}` : character;
  });
export const wrapped = (text: string, columns: number, end: string): string =>
  text.replace(new RegExp(`.{${columns}}(?!$)`, 'g'), `$&${end}`);
const quoteForShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Each function writes the whole text and nothing else, without the quotes around it. */
export const SECRET_WRITERS: Readonly<Record<string, Write>> = {
  'as it is': (text) => text,
  'JSON of JavaScript': inner,
  'JSON of Python': (text) => ascii(inner(text)),
  'JSON of PHP': (text) => ascii(inner(text)).replaceAll('/', '\\/'),
  'JSON of Go': (text) => inner(text).replace(/[<>&]/g, (character) => `\\u00${hex(character.charCodeAt(0), 2)}`),
  'JSON of Ruby on Rails': (text) =>
    inner(text).replace(/[<>&'\u2028\u2029]/g, (character) => `\\u${hex(character.charCodeAt(0), 4)}`),
  'JSON in upper case': (text) =>
    ascii(inner(text)).replace(/\\u[0-9a-f]{4}/g, (it) => `\\u${it.slice(2).toUpperCase()}`),
  encodeURIComponent: (text) => encodeURIComponent(text),
  encodeURI: (text) => encodeURI(text),
  'urllib.parse.quote': percent(/[A-Za-z0-9_.~/-]/, 'upper'),
  quote_plus: (text) => percent(/[A-Za-z0-9_.~ -]/, 'upper')(text).replaceAll(' ', '+'),
  'rawurlencode in lower case': percent(/[A-Za-z0-9_.~-]/, 'lower'),
  'java.net.URLEncoder': (text) => percent(/[A-Za-z0-9_.* -]/, 'upper')(text).replaceAll(' ', '+'),
  'every byte in percent': percent(/$^/, 'lower'),
  'html.escape of Python': entities('&quot;', '&#x27;'),
  'html.EscapeString of Go': entities('&#34;', '&#39;'),
  'htmlspecialchars of PHP': entities('&quot;', '&#039;'),
  XML: entities('&quot;', '&apos;'),
  'XML as ASCII': (text) =>
    [...entities('&quot;', '&apos;')(text)].map((it) => (it > '~' ? `&#${it.codePointAt(0)!};` : it)).join(''),
  'entities in hexadecimal': (text) =>
    [...text].map((it) => `&#x${hex(it.codePointAt(0)!, 1).toUpperCase()};`).join(''),
  'single quotes of a shell': (text) => quoteForShell(text).slice(1, -1),
  'single quotes of dash': (text) => text.replace(/'+/g, (run) => `'"${run}"'`),
  'double quotes of a shell': (text) => text.replace(/["\\$`]/g, '\\$&'),
  'backslashes of printf %q': (text) => text.replace(/[ -,;-?[-^`{-~]/g, '\\$&'),
  "$'…' of bash": (text) => cOctal(text).replaceAll('\\"', '"').replaceAll("'", "\\'"),
  'C, octal': cOctal,
  'C, hexadecimal': (text) => bytes(text, (byte) => `\\x${hex(byte, 2)}`),
  'repr of Python': (text) => ascii(text.replace(/[\\']/g, '\\$&')).replace(/\\u00(?=[89a-f])/g, '\\x'),
  SQL: (text) => text.replaceAll("'", "''"),
  CSV: (text) => text.replaceAll('"', '""'),
  'single quotes of YAML': (text) => text.replaceAll("'", "''"),
  'JavaScript with code points': (text) => [...text].map((it) => `\\u{${hex(it.codePointAt(0)!, 1)}}`).join(''),
  'JSON in JSON': (text) => inner(inner(text)),
  'JSON in CSV': (text) => inner(text).replaceAll('"', '""'),
  'JSON in single quotes of a shell': (text) => inner(text).replaceAll("'", `'\\''`),
  'JSON in a URI': (text) => encodeURIComponent(inner(text)),
  'a URI in a URI': (text) => encodeURIComponent(encodeURIComponent(text)),
  'a URI in JSON of PHP': (text) => inner(encodeURI(text)).replaceAll('/', '\\/'),
  'HTML in JSON of Go': (text) =>
    inner(entities('&quot;', '&#39;')(text)).replace(/[<>&]/g, (it) => `\\u00${hex(it.charCodeAt(0), 2)}`),
  'JSON in HTML': (text) => entities('&quot;', '&#39;')(inner(text)),
  hexadecimal: (text) => Buffer.from(text).toString('hex'),
  'hexadecimal in upper case': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'hexadecimal with colons': (text) => [...Buffer.from(text)].map((byte) => hex(byte, 2)).join(':'),
  'xxd -p': (text) => wrapped(Buffer.from(text).toString('hex'), 60, '\n'),
  'an array of C': (text) =>
    [...Buffer.from(text)]
      .map((byte) => `0x${hex(byte, 2)}`)
      .join(', ')
      .slice(2),
  'a Buffer in JSON': (text) => [...Buffer.from(text)].join(','),
  'a list of Python': (text) => [...Buffer.from(text)].join(', '),
  'UTF-16 units': (text) => units(text, (unit) => `\\u${hex(unit, 4)}`),
};
