/** A part of a JSON text that no program can keep as it was sent. */
export interface JsonProblem {
  /** `options.environmentVariables`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

// JSON.parse keeps only the last of two equal keys, and schemas do not see a key __proto__: both would be lost silently.
// PostgreSQL stores neither NUL nor halves of surrogate pairs.
const UNSTORABLE = /\0|\p{Cs}/u;

type Container =
  { readonly kind: 'object'; readonly keys: Set<string>; key: string } | { readonly kind: 'array'; at: number };

/** Returns the first problem of a text that JSON.parse accepts, or null. */
export function findJsonProblem(text: string): JsonProblem | null {
  const open: Container[] = [];
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/gs;
  let expectsKey = false;
  for (const [token] of text.matchAll(tokens)) {
    const within = open.at(-1);
    if (token === '{' || token === '[') {
      open.push(token === '{' ? { kind: 'object', keys: new Set(), key: '' } : { kind: 'array', at: 0 });
      expectsKey = token === '{';
    } else if (token === '}' || token === ']') {
      open.pop();
      expectsKey = false;
    } else if (token === ',') {
      if (within?.kind === 'array') within.at += 1;
      expectsKey = within?.kind === 'object';
    } else if (token !== ':') {
      const problem = problemOf(token, expectsKey && within?.kind === 'object' ? within : null);
      if (problem) return { path: pathOf(open), message: problem };
      expectsKey = false;
    }
  }
  return null;
}

/** Reads a string; `object` is given when the string is a key of it, which then becomes its current one. */
function problemOf(token: string, object: Extract<Container, { kind: 'object' }> | null): string | null {
  // A string without an escape is its own text; parsing each would double the work.
  const text = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
  if (object === null)
    return UNSTORABLE.test(text) ? 'it has a NUL or half a surrogate pair, which cannot be kept' : null;
  const isRepeated = object.keys.has(text);
  object.keys.add(text);
  object.key = text;
  if (isRepeated) return 'the key is there twice';
  if (text === '__proto__') return 'this key cannot be used';
  return UNSTORABLE.test(text) ? 'the key has a NUL or half a surrogate pair, which cannot be kept' : null;
}

function pathOf(open: readonly Container[]): string {
  return open.map((each) => (each.kind === 'object' ? each.key.toWellFormed() : String(each.at))).join('.');
}
