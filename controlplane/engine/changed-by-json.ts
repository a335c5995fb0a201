import { classNameOf } from '../../shared/support/class-name.ts';
import { shown } from '../../shared/support/shown-value.ts';

/**
 * Returns why a value would come back from the database as another one, or without a part of it; null for what comes back as it
 * is. Its items and fields are values of their own.
 */
export function changedByJson(value: unknown): string | null {
  switch (typeof value) {
    case 'function':
    case 'symbol':
      return `is a ${typeof value}`;
    case 'bigint':
      return 'is a BigInt';
    case 'number':
      return whyNoNumber(value);
    case 'string':
      return whyNoText(value);
    case 'object':
      return value === null ? null : changedObject(value);
    default:
      return null;
  }
}

export function hasToJson(value: unknown): value is { toJSON(): unknown } {
  return typeof (value as { toJSON?: unknown }).toJSON === 'function';
}

function whyNoNumber(number: number): string | null {
  if (!Number.isFinite(number)) return `is ${number}`;
  return Object.is(number, -0) ? 'is -0, which comes back as 0' : null;
}

/** PostgreSQL keeps neither. */
function whyNoText(text: string): string | null {
  if (text.includes('\0')) return 'holds the character NUL';
  return text.isWellFormed() ? null : 'holds half of a surrogate pair, which is no whole Unicode text';
}

function changedObject(value: object): string | null {
  const className = classNameOf(value) ?? classOfList(value);
  if (className !== null) return `is a ${className}`;
  if (hasToJson(value)) return 'has a toJSON, which JSON reads in its place';
  const [symbol] = Object.getOwnPropertySymbols(value);
  if (symbol) return `has a field that is named by a symbol, ${String(symbol)}`;
  return changedField(value) ?? (Array.isArray(value) ? changedList(value) : null);
}

function changedField(value: object): string | null {
  for (const name of Object.getOwnPropertyNames(value)) {
    if (Array.isArray(value) && name === 'length') continue;
    const problem = whyNoText(name);
    if (problem !== null) return `has a field whose name ${problem}`;
    const { enumerable, get, set } = Object.getOwnPropertyDescriptor(value, name) ?? {};
    if (enumerable === false) return `has a field that JSON leaves out, because it is not enumerable, ${shown(name)}`;
    if (get || set) return `has a field that is a getter or setter, ${shown(name)}`;
  }
  return null;
}

function classOfList(value: object): string | null {
  if (!Array.isArray(value)) return null;
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: { readonly name?: string } } | null;
  return prototype === Array.prototype ? null : (prototype?.constructor?.name ?? 'list without a class');
}

/** In a list, undefined comes back as null: leaving it out would move the other items. */
function changedList(list: readonly unknown[]): string | null {
  const names = Object.keys(list);
  const at = list.findIndex((item) => item === undefined);
  if (at >= 0) return `has an item that is undefined, at ${at}`;
  return names.length === list.length ? null : 'is a list with fields beside its items';
}
