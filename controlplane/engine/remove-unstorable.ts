import { messageOf } from '../../shared/model/error.ts';
import { formatBytes } from '../../shared/model/units.ts';
import { classNameOf } from '../../shared/text/class-name.ts';
import { isClearlyStorable, MAX_CHARACTERS, MAX_DEPTH } from './clearly-storable.ts';
import { whyNotStorable, type Exactness } from './why-not-storable.ts';

// Objects that refer to each other many times expand to practically endless JSON.
const MAX_VALUES = 10_000_000;

const TOO_LARGE = `is larger than ${formatBytes(MAX_CHARACTERS)} as JSON`;

/**
 * Removes the fields of `record` that cannot be saved unchanged, and returns a clause for each with the path and the kind of the
 * value. A BigInt in a bag would otherwise make every save of the task fail, on every node, and a Map would come back as an empty
 * object. Texts with unstorable characters stay, because they come from programs that nobody controls; they are saved with U+FFFD
 * instead.
 */
export function removeUnstorable(record: Record<string, unknown>): string[] {
  if (isClearlyStorable(record)) return [];
  const clauses = removeSymbolsAndPrototype(record);
  const sizes: { key: string; characters: number }[] = [];
  for (const key of Object.keys(record)) {
    const problem = problemOf(record, key);
    if (typeof problem === 'number') {
      sizes.push({ key, characters: problem });
      continue;
    }
    clauses.push(problem);
    delete record[key];
  }
  return [...clauses, ...removeLargest(record, sizes)];
}

/**
 * Returns the path and the kind of the first value in `record` that cannot be saved unchanged (a Date, for example, would come
 * back as a text); null when there is none.
 */
export function findUnstorable(record: Readonly<Record<string, unknown>>): string | null {
  const found = new Search('exactly').of(record);
  if (found) return `${found.path.slice(1) || 'the whole'} ${found.is}`;
  const { length } = JSON.stringify(record);
  return length <= MAX_CHARACTERS ? null : `all of it together ${TOO_LARGE}`;
}

/** Removes symbols and a foreign prototype from the record itself. */
function removeSymbolsAndPrototype(record: Record<string, unknown>): string[] {
  const symbols = Object.getOwnPropertySymbols(record);
  for (const symbol of symbols) Reflect.deleteProperty(record, symbol);
  const clauses = symbols.map((symbol) => `a field is named by a symbol, ${String(symbol)}`);
  if (classNameOf(record) === null) return clauses;
  Object.setPrototypeOf(record, Object.prototype);
  return [...clauses, 'it has another prototype than plain objects'];
}

/** Returns why the value of `key` cannot be saved, otherwise the size of its JSON in characters. */
function problemOf(record: Record<string, unknown>, key: string): string | number {
  try {
    const found = new Search('nearly').of(record[key]);
    if (found) return `${key}${found.path} ${found.is}`;
    const { length } = JSON.stringify(record[key]) ?? '';
    return length <= MAX_CHARACTERS ? length + key.length : `${key} ${TOO_LARGE}`;
  } catch (error) {
    return error instanceof RangeError ? `${key} ${TOO_LARGE}` : `${key} cannot be read: ${messageOf(error)}`;
  }
}

function removeLargest(record: Record<string, unknown>, sizes: { key: string; characters: number }[]): string[] {
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

/** Searches a value for parts that JSON or the database cannot store or would change. */
class Search {
  readonly #kept: Exactness;
  readonly #above = new Set<object>();
  #left = MAX_VALUES;

  constructor(kept: Exactness) {
    this.#kept = kept;
  }

  of(value: unknown): Found | null {
    this.#left -= 1;
    const changed = whyNotStorable(value, this.#kept);
    if (changed !== null) return { path: '', is: changed };
    if (typeof value !== 'object' || value === null) return null;
    if (this.#left < 0) return { path: '', is: `holds more than ${MAX_VALUES.toLocaleString('en')} values` };
    if (this.#above.has(value)) return { path: '', is: 'contains itself' };
    if (this.#above.size > MAX_DEPTH) return { path: '', is: `is nested more than ${MAX_DEPTH} levels deep` };
    this.#above.add(value);
    const found = this.#within(value);
    this.#above.delete(value);
    return found;
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
