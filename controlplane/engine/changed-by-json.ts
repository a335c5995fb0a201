import { classNameOf } from '../../shared/support/class-name.ts';

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
      return Number.isFinite(value) ? null : `is ${value}`;
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

/** PostgreSQL keeps neither. */
function whyNoText(text: string): string | null {
  if (text.includes('\0')) return 'holds the character NUL';
  return text.isWellFormed() ? null : 'holds half of a surrogate pair, which is no whole Unicode text';
}

function changedObject(value: object): string | null {
  const className = classNameOf(value);
  if (className !== null) return `is a ${className}`;
  if (hasToJson(value)) return 'has a toJSON, which JSON reads in its place';
  const [symbol] = Object.getOwnPropertySymbols(value);
  if (symbol) return `has a field that is named by a symbol, ${String(symbol)}`;
  const names = Object.keys(value);
  if (Array.isArray(value)) return changedList(value, names);
  for (const name of names) {
    const problem = whyNoText(name);
    if (problem !== null) return `has a field whose name ${problem}`;
  }
  return null;
}

/** In a list, undefined comes back as null: leaving it out would move the other items. */
function changedList(list: readonly unknown[], names: readonly string[]): string | null {
  const at = list.findIndex((item) => item === undefined);
  if (at >= 0) return `has an item that is undefined, at ${at}`;
  return names.length === list.length ? null : 'is a list with fields beside its items';
}
