import { messageOf } from '../../shared/model/error.ts';
import { formatBytes } from '../../shared/model/units.ts';
import { changedByJson, hasToJson } from './changed-by-json.ts';

// PostgreSQL keeps at most 256 MB in one value of jsonb, counted in bytes. A character of JSON has at most three.
const MAX_CHARACTERS = 64_000_000;
// PostgreSQL reads nested JSON with its stack, which holds some thousand levels.
const MAX_DEPTH = 500;
// Objects that hold each other many times over are endless for every practical purpose.
const MAX_VALUES = 10_000_000;

const TOO_LARGE = `is larger than ${formatBytes(MAX_CHARACTERS)} as JSON`;

/**
 * Takes out of `record` what a task cannot save, by its first level, and returns a clause for each: where it is, and what it
 * is. A method that puts a BigInt into its bag would otherwise stop every node that saves the task.
 */
export function takeOutUnsavable(record: Record<string, unknown>): string[] {
  if (isSavable(record)) return [];
  const clauses: string[] = [];
  const sizes: { key: string; characters: number }[] = [];
  for (const key of Object.keys(record)) {
    const problem = key === 'toJSON' ? nameOfJson(record) : problemOf(record, key);
    if (typeof problem === 'number') {
      sizes.push({ key, characters: problem });
      continue;
    }
    clauses.push(problem);
    delete record[key];
  }
  return [...clauses, ...takeOutLargest(record, sizes)];
}

/**
 * Returns where in `record` what cannot be saved is, and what it is; null when all of it can. `as they are`: nor may
 * saving change a value, as it makes a text of a Date.
 */
export function findUnsavable(
  record: Readonly<Record<string, unknown>>,
  { values }: { values: 'as JSON' | 'as they are' },
): string | null {
  const found = new Search(values).of(record);
  if (found) return `${found.path.slice(1) || 'the whole'} ${found.is}`;
  const { length } = JSON.stringify(record);
  return length <= MAX_CHARACTERS ? null : `all of it together ${TOO_LARGE}`;
}

function isSavable(record: Record<string, unknown>): boolean {
  if (typeof record['toJSON'] === 'function') return false;
  try {
    const text = JSON.stringify(record);
    return text.length <= MAX_CHARACTERS && (isFlat(text) || new Search().of(record) === null);
  } catch {
    return false;
  }
}

/** Returns whether JSON has fewer brackets than an object that is nested too deeply would need. */
function isFlat(json: string): boolean {
  let brackets = 0;
  for (let at = 0; at < json.length && brackets < MAX_DEPTH; at += 1) {
    const character = json[at];
    if (character === '{' || character === '[') brackets += 1;
  }
  return brackets < MAX_DEPTH;
}

/** JSON calls a function of this name instead of reading the object. */
function nameOfJson(record: Record<string, unknown>): string | number {
  return typeof record['toJSON'] === 'function' ? 'toJSON is a function' : problemOf(record, 'toJSON');
}

/** Returns why the value of `key` cannot be saved, otherwise the size of its JSON in characters. */
function problemOf(record: Record<string, unknown>, key: string): string | number {
  try {
    const found = new Search().of(record[key]);
    if (found) return `${key}${found.path} ${found.is}`;
    const { length } = JSON.stringify(record[key]) ?? '';
    return length <= MAX_CHARACTERS ? length + key.length : `${key} ${TOO_LARGE}`;
  } catch (error) {
    return error instanceof RangeError ? `${key} ${TOO_LARGE}` : `${key} cannot be read: ${messageOf(error)}`;
  }
}

function takeOutLargest(record: Record<string, unknown>, sizes: { key: string; characters: number }[]): string[] {
  const clauses: string[] = [];
  let total = sizes.reduce((sum, { characters }) => sum + characters, 0);
  for (const { key, characters } of sizes.toSorted((one, other) => other.characters - one.characters)) {
    if (total <= MAX_CHARACTERS) break;
    total -= characters;
    delete record[key];
    clauses.push(`${key} (${formatBytes(characters)}) has no room, because all of it together ${TOO_LARGE}`);
  }
  return clauses;
}

interface Found {
  readonly path: string;
  readonly is: string;
}

/** Looks through a value as JSON.stringify does, for what JSON or the database has no place for. */
class Search {
  readonly #values: 'as JSON' | 'as they are';
  readonly #above = new Set<object>();
  #left = MAX_VALUES;

  constructor(values: 'as JSON' | 'as they are' = 'as JSON') {
    this.#values = values;
  }

  of(value: unknown): Found | null {
    this.#left -= 1;
    if (typeof value === 'bigint' && !hasToJson(value)) return { path: '', is: 'is a BigInt' };
    const changed = this.#values === 'as they are' ? changedByJson(value) : null;
    if (changed !== null) return { path: '', is: changed };
    if (typeof value !== 'object' || value === null) return null;
    if (this.#left < 0) return { path: '', is: `holds more than ${MAX_VALUES.toLocaleString('en')} values` };
    if (this.#above.has(value)) return { path: '', is: 'contains itself' };
    if (this.#above.size > MAX_DEPTH) return { path: '', is: `is nested more than ${MAX_DEPTH} levels deep` };
    this.#above.add(value);
    const isRead = hasToJson(value) && this.#values === 'as JSON';
    const found = isRead ? this.#ofJson(value) : this.#within(value);
    this.#above.delete(value);
    return found;
  }

  #ofJson(value: { toJSON(): unknown }): Found | null {
    try {
      return this.of(value.toJSON());
    } catch (error) {
      return { path: '', is: `has a toJSON that failed: ${messageOf(error)}` };
    }
  }

  #within(value: object): Found | null {
    for (const key of Object.keys(value)) {
      const found = this.#at(value, key);
      if (found) return found;
    }
    return null;
  }

  #at(value: object, key: string): Found | null {
    const path = Array.isArray(value) ? `[${key}]` : `.${key}`;
    try {
      const found = this.of((value as Record<string, unknown>)[key]);
      return found && { path: `${path}${found.path}`.slice(0, 200), is: found.is };
    } catch (error) {
      return { path, is: `cannot be read: ${messageOf(error)}` };
    }
  }
}
