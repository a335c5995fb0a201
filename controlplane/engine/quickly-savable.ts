import { classNameOf } from '../../shared/support/class-name.ts';

// PostgreSQL keeps at most 256 MB in one value of jsonb, counted in bytes. A character of JSON has at most three.
export const MAX_CHARACTERS = 64_000_000;
// PostgreSQL reads nested JSON with its stack, which holds some thousand levels.
export const MAX_DEPTH = 500;

// What JSON makes of a character, a number and of what stands around a value at the most.
const OF_CHARACTER = 6;
const OF_NUMBER = 25;
const AROUND = 4;

/**
 * Returns whether `record` can be saved as it is. False also for what is unusual, and has to be looked at closely: nearly
 * always nothing is, and this runs behind each method.
 */
export function isQuicklySavable(record: object): boolean {
  try {
    return left(record, MAX_CHARACTERS, 0) >= 0;
  } catch {
    return false; // a getter that failed, or a Proxy
  }
}

/** Returns how many characters of `room` are left at least behind the value; a negative number when it may not be saved. */
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
