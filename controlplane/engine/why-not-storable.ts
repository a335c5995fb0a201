import { classNameOf } from '../../shared/text/class-name.ts';
import { shown } from '../../shared/text/shown-value.ts';

/** `nearly`: accepts texts in which unstorable characters are replaced by U+FFFD, and -0 that becomes 0. */
export type Exactness = 'exactly' | 'nearly';

/**
 * Returns why a value would come back from the database changed or incomplete; null when it comes back unchanged. The values of
 * its items and fields are not checked.
 */
export function whyNotStorable(value: unknown, kept: Exactness): string | null {
  switch (typeof value) {
    case 'function':
    case 'symbol':
      return `is a ${typeof value}`;
    case 'bigint':
      return 'is a BigInt';
    case 'number':
      return whyNoNumber(value, kept);
    case 'string':
      return kept === 'exactly' ? whyNoText(value) : null;
    case 'object':
      return value === null ? null : changedObject(value, kept);
    default:
      return null;
  }
}

function hasToJson(value: unknown): value is { toJSON(): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function';
}

function whyNoNumber(number: number, kept: Exactness): string | null {
  if (!Number.isFinite(number)) return `is ${number}`;
  return kept === 'exactly' && Object.is(number, -0) ? 'is -0, which comes back as 0' : null;
}

/** PostgreSQL stores neither NUL nor half of a surrogate pair. */
function whyNoText(text: string): string | null {
  if (text.includes('\0')) return 'holds the character NUL';
  return text.isWellFormed() ? null : 'holds half of a surrogate pair, which is no whole Unicode text';
}

function changedObject(value: object, kept: Exactness): string | null {
  const className = classNameOf(value);
  if (className !== null) return `is a ${className}`;
  if (hasToJson(value)) return 'has a toJSON, which JSON reads in its place';
  const [symbol] = Object.getOwnPropertySymbols(value);
  if (symbol) return `has a field that is named by a symbol, ${String(symbol)}`;
  const isList = Array.isArray(value);
  return (isList ? listClass(value) : null) ?? changedField(value, kept) ?? (isList ? changedList(value) : null);
}

function changedField(value: object, kept: Exactness): string | null {
  for (const name of Object.getOwnPropertyNames(value)) {
    if (Array.isArray(value) && name === 'length') continue;
    const problem = kept === 'exactly' ? whyNoText(name) : null;
    if (problem !== null) return `has a field whose name ${problem}`;
    const { enumerable, get, set } = Object.getOwnPropertyDescriptor(value, name) ?? {};
    if (enumerable === false) return `has a field that JSON leaves out, because it is not enumerable, ${shown(name)}`;
    if (get || set) return `has a field that is a getter or setter, ${shown(name)}`;
  }
  return null;
}

/** Returns the problem of a list that is not a plain Array; null for a plain one, also of another realm. */
function listClass(list: readonly unknown[]): string | null {
  const { constructor } = list as { readonly constructor?: { readonly name?: string } };
  if (constructor === undefined) return 'is a list without a class';
  return constructor.name === 'Array' ? null : `is a list of the class ${constructor.name}`;
}

/** In a list, undefined comes back as null: leaving it out would move the other items. */
function changedList(list: readonly unknown[]): string | null {
  const names = Object.keys(list);
  const at = list.findIndex((item) => item === undefined);
  if (at >= 0) return `has an item that is undefined, at ${at}`;
  return names.length === list.length ? null : 'is a list with fields beside its items';
}
