// What programs make of a secret before it becomes base64: an object of JSON in a token, a query in a header.

const UNRESERVED = /[A-Za-z0-9_.~-]/;

function percentEncoded(text: string, kept: string): string {
  const bytes = [...Buffer.from(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    const isKept = UNRESERVED.test(character) || kept.includes(character);
    return isKept ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  return bytes.join('');
}

function escaped(text: string, characters: RegExp): string {
  return text.replace(characters, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Returns the text as it is, in the ways of JSON, and as a part of a URI or of a form. */
export function textsBeforeBase64(text: string): ReadonlySet<string> {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = escaped(json, /[^\0-\x7e]/g);
  return new Set([
    text,
    text.replaceAll('\r\n', '\n'),
    json, // JavaScript, Ruby
    ascii, // Python
    ascii.replaceAll('/', '\\/'), // PHP
    json.replaceAll('/', '\\/'),
    escaped(json, /[<>&\u2028\u2029]/g), // Go
    escaped(json, /[<>&'\u2028\u2029]/g), // Ruby on Rails
    percentEncoded(text, ''),
    percentEncoded(text, '/'), // Python
    percentEncoded(text, "!'()*"), // encodeURIComponent of JavaScript
    percentEncoded(text, "!'()*;/?:@&=+$,#"), // encodeURI
    percentEncoded(text, '').replaceAll('%20', '+'), // forms
    percentEncoded(text, '*').replaceAll('%20', '+').replaceAll('~', '%7E'), // forms of JavaScript and Java
  ]);
}
