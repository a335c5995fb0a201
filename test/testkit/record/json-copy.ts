import { cleanText, jsonText } from '../../../controlplane/store/json-text.ts';

/**
 * Returns what is read from a database after `value` was saved there as JSON: a Date has become text, a Map has lost its
 * entries, what is undefined is gone. Objects, arrays and texts are copied here, because text in between would cost more
 * than the step that is saved; everything else takes the way through the text.
 */
export function jsonCopy(value: unknown): unknown {
  try {
    return copied(value);
  } catch (error) {
    // A ring has no end. JSON says so in words that help.
    if (error instanceof RangeError) return throughText(value);
    throw error;
  }
}

function copied(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return cleanCopy(value);
    case 'boolean':
      return value;
    case 'number':
      return copiedNumber(value);
    case 'object':
      return value === null ? null : copiedObject(value);
    default:
      return throughText(value);
  }
}

function cleanCopy(text: string): string {
  return text.isWellFormed() && !text.includes('\0') ? text : cleanText(text);
}

function copiedNumber(value: number): number | null {
  if (!Number.isFinite(value)) return null;
  return value === 0 ? 0 : value; // -0 has no sign in JSON
}

function copiedObject(value: object): unknown {
  if ('toJSON' in value) return throughText(value);
  if (Array.isArray(value)) return copiedArray(value);
  return Object.getPrototypeOf(value) === Object.prototype ? copiedRecord(value) : throughText(value);
}

function copiedArray(values: readonly unknown[]): unknown[] {
  const copy: unknown[] = [];
  // By the index: a hole becomes null.
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    copy.push(isLeftOut(value) ? null : copied(value));
  }
  return copy;
}

function copiedRecord(record: object): unknown {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(record)) {
    const value = (record as Record<string, unknown>)[name];
    if (isLeftOut(value)) continue;
    // An assignment to this name would not make a property; a name with a NUL may meet another one.
    if (name === '__proto__' || cleanCopy(name) !== name) return throughText(record);
    copy[name] = copied(value);
  }
  return copy;
}

function isLeftOut(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

function throughText(value: unknown): unknown {
  return JSON.parse(jsonText(value)) as unknown;
}
