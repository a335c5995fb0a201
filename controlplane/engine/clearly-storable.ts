import { classNameOf } from '../../shared/text/class-name.ts';

// PostgreSQL keeps at most 256 MB in one value of jsonb, counted in bytes. A character of JSON has at most three.
export const MAX_CHARACTERS = 64_000_000;
// PostgreSQL reads nested JSON with its stack, which holds some thousand levels.
export const MAX_DEPTH = 500;

// The most characters of JSON for one character, for a number, and for the punctuation around a value.
const OF_CHARACTER = 6;
const OF_NUMBER = 25;
const AROUND = 4;

/**
 * Returns whether `record` can certainly be saved unchanged. False also for unusual values, which need the slower check of
 * remove-unstorable.ts. This fast check runs after each method, and nearly always succeeds.
 */
export function isClearlyStorable(record: object): boolean {
  try {
    return left(record, MAX_CHARACTERS, 0) >= 0;
  } catch {
    return false; // a getter that failed, or a Proxy
  }
}

/** Returns a lower bound of the characters of `room` that are left after the value; a negative number when the value may be unstorable. */
function left(value: unknown, room: number, depth: number): number {
  switch (typeof value) {
    case 'string':
      return room - AROUND - OF_CHARACTER * value.length;
    case 'number':
      return Number.isFinite(value) ? room - OF_NUMBER : -1;
    case 'boolean':
    case 'undefined':
      return room - AROUND - AROUND;
    case 'object':
      return value === null ? room - AROUND - AROUND : leftOfObject(value, room, depth);
    default:
      return -1;
  }
}

function leftOfObject(value: object, room: number, depth: number): number {
  if (depth > MAX_DEPTH || classNameOf(value) !== null || 'toJSON' in value) return -1;
  if (Object.getOwnPropertySymbols(value).length > 0) return -1;
  return Array.isArray(value) ? leftOfList(value, room, depth) : leftOfRecord(value, room, depth);
}

function leftOfRecord(value: object, room: number, depth: number): number {
  let rest = room - AROUND;
  for (const key of Object.keys(value)) {
    rest = left((value as Record<string, unknown>)[key], rest - AROUND - OF_CHARACTER * key.length, depth + 1);
    if (rest < 0) break;
  }
  return rest;
}

function leftOfList(list: readonly unknown[], room: number, depth: number): number {
  if (Object.keys(list).length !== list.length || Object.getPrototypeOf(list) !== Array.prototype) return -1;
  let rest = room - AROUND;
  for (const item of list) {
    if (item === undefined) return -1;
    rest = left(item, rest, depth + 1);
    if (rest < 0) break;
  }
  return rest;
}
