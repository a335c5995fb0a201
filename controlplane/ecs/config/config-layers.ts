import type { ConfigPath, ConfigSource } from './yaml-source.ts';

// Settings of several sources, laid over each other. Each value keeps where it is from and what it covers, so that a
// person can be told both. Nothing here reads a file.

/** A value of a lower layer that another one covers or removes. */
export interface Covered {
  readonly value: unknown;
  readonly from: string;
}

/** A key or an item that a layer took away. */
interface Removed {
  readonly key: string;
  readonly from: string;
  readonly covers: readonly Covered[];
}

interface Traced {
  /** `site.yml line 3`, or `the variable WIP_ECS__…`. */
  readonly from: string;
  /** The topmost first. */
  readonly covers: readonly Covered[];
}

export type Layered = Traced &
  (
    | { readonly kind: 'value'; readonly value: unknown }
    | { readonly kind: 'list'; readonly items: readonly Layered[]; readonly removed: readonly Removed[] }
    | {
        readonly kind: 'mapping';
        readonly entries: ReadonlyMap<string, Layered>;
        readonly removed: readonly Removed[];
      }
  );

export interface LayerProblem {
  readonly path: ConfigPath;
  readonly from: string;
  readonly message: string;
}

/** The only key of a mapping whose value replaces what is below it, instead of being merged with it. */
const REPLACE = '$replace';

type Mapping = Readonly<Record<string, unknown>>;

/**
 * Lays one part of a source over what is there. Mappings merge key by key, lists of mappings item by item, everything
 * else is replaced. `null` removes a key or an item, `$replace` replaces a whole list or mapping. What would change
 * nothing is a problem: a setting must not be ignored in silence.
 */
export function layOver(
  below: Layered | undefined,
  above: unknown,
  at: { readonly path: ConfigPath; readonly source: ConfigSource; readonly problems: LayerProblem[] },
): Layered | undefined {
  return new Layer(at.source, at.problems).lay(below, above, at.path);
}

class Layer {
  readonly #source: ConfigSource;
  readonly #problems: LayerProblem[];

  constructor(source: ConfigSource, problems: LayerProblem[]) {
    this.#source = source;
    this.#problems = problems;
  }

  lay(below: Layered | undefined, above: unknown, path: ConfigPath): Layered | undefined {
    if (above === undefined) return below;
    if (above === null) {
      if (!below) this.#refuse(path, 'there is nothing below it that null could remove');
      return undefined;
    }
    if (isMapping(above) && REPLACE in above) return this.#replace(below, above, path);
    if (below?.kind === 'list') return this.#layOverList(below, above, path);
    if (below?.kind === 'mapping' && isMapping(above)) return this.#layOverMapping(below, above, path);
    return this.#fresh(above, path, coveredBy(below));
  }

  #layOverMapping(below: Layered & { kind: 'mapping' }, above: Mapping, path: ConfigPath): Layered {
    const given = Object.entries(above);
    if (given.length === 0 && below.entries.size > 0 && !isPosition(path.at(-1))) {
      const remedy = `write null to remove what is below it, or {${REPLACE}: {}} to empty it`;
      this.#refuse(path, `an empty mapping changes nothing here; ${remedy}`);
    }
    const entries = new Map(below.entries);
    const removed = new Map(below.removed.map((each) => [each.key, each]));
    for (const [key, value] of given) {
      const old = entries.get(key);
      const laid = this.lay(old, value, [...path, key]);
      if (laid) {
        entries.set(key, laid);
        removed.delete(key);
      } else if (old) {
        entries.delete(key);
        removed.set(key, { key, from: this.#locate([...path, key]), covers: coveredBy(old) });
      }
    }
    return { ...below, entries, removed: [...removed.values()] };
  }

  #layOverList(below: Layered & { kind: 'list' }, above: unknown, path: ConfigPath): Layered {
    const given = this.#itemsOver(below, above);
    if (!given) return this.#fresh(above, path, coveredBy(below));
    const items = new Map<number, Layered>(below.items.entries());
    const removed = [...below.removed];
    for (const [position, value] of [...given].sort(([a], [b]) => a - b)) {
      const at = [...path, position];
      const old = items.get(position);
      if (!old && value !== null && position > Math.max(-1, ...items.keys()) + 1) {
        this.#refuse(at, `the list ends before position ${position}`);
        continue;
      }
      const laid = this.lay(old, value, at);
      if (laid) items.set(position, laid);
      else if (old) {
        items.delete(position);
        removed.push({ key: String(position), from: this.#locate(at), covers: coveredBy(old) });
      }
    }
    const kept = [...items].sort(([a], [b]) => a - b).map(([, item]) => item);
    return { ...below, items: kept, removed };
  }

  /** Returns the items by position; null when the list is replaced as a whole. */
  #itemsOver(below: Layered & { kind: 'list' }, above: unknown): ReadonlyMap<number, unknown> | null {
    if (Array.isArray(above)) {
      const isByItem = above.length > 0 && above.every((item) => item === null || isMapping(item));
      return isByItem && below.items.every(({ kind }) => kind === 'mapping') ? new Map(above.entries()) : null;
    }
    if (!isMapping(above) || !Object.keys(above).every((key) => POSITION.test(key))) return null;
    return new Map(Object.entries(above).map(([key, value]) => [Number(key), value]));
  }

  #replace(below: Layered | undefined, above: Mapping, path: ConfigPath): Layered | undefined {
    const value = above[REPLACE];
    const others = Object.keys(above).filter((key) => key !== REPLACE);
    if (others.length > 0)
      this.#refuse(path, `${REPLACE} stands alone in its mapping, not beside ${others.join(', ')}`);
    const at = [...path, REPLACE];
    if (typeof value === 'object' && value !== null) return this.#fresh(value, at, coveredBy(below));
    this.#refuse(at, `${REPLACE} takes a list or a mapping`);
    return below;
  }

  /** Makes layered settings of a value that has nothing below it. */
  #fresh(value: unknown, path: ConfigPath, covers: readonly Covered[]): Layered {
    const traced = { from: this.#locate(path), covers };
    const items = this.#newItems(value);
    if (items)
      return { ...traced, kind: 'list', items: this.#laid(items.entries(), path, ([, item]) => item), removed: [] };
    if (!isMapping(value)) return { ...traced, kind: 'value', value };
    const entries = this.#laid(Object.entries(value), path, (entry) => entry);
    return { ...traced, kind: 'mapping', entries: new Map(entries), removed: [] };
  }

  #laid<Key extends string | number, T>(
    given: Iterable<[Key, unknown]>,
    path: ConfigPath,
    take: (entry: [Key, Layered]) => T,
  ): T[] {
    return [...given].flatMap(([key, value]) => {
      const laid = this.lay(undefined, value, [...path, key]);
      return laid ? [take([key, laid])] : [];
    });
  }

  /** Variables name the items of a list by number, also those of a list that is not there yet. */
  #newItems(value: unknown): readonly unknown[] | null {
    if (Array.isArray(value)) return value;
    if (!this.#source.numbersAreItems || !isMapping(value)) return null;
    const keys = Object.keys(value);
    const isList = keys.length > 0 && keys.every((key, index) => key === String(index));
    return isList ? Object.values(value) : null;
  }

  #locate(path: ConfigPath): string {
    for (let length = path.length; length > 0; length -= 1) {
      const found = this.#source.locationOf(path.slice(0, length));
      if (found) return found;
    }
    return this.#source.name;
  }

  #refuse(path: ConfigPath, message: string): void {
    this.#problems.push({ path: path.filter((part) => part !== REPLACE), from: this.#locate(path), message });
  }
}

// At most two digits: no list of a task definition is longer, and a typing error must not make a huge one.
const POSITION = /^\d{1,2}$/;

function isPosition(part: string | number | undefined): boolean {
  return typeof part === 'number';
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function coveredBy(below: Layered | undefined): readonly Covered[] {
  return below ? [{ value: plainOf(below), from: below.from }, ...below.covers] : [];
}

/** Returns the settings without their traces. */
export function plainOf(layered: Layered): unknown {
  switch (layered.kind) {
    case 'value':
      return layered.value;
    case 'list':
      return layered.items.map(plainOf);
    case 'mapping':
      return Object.fromEntries([...layered.entries].map(([key, entry]) => [key, plainOf(entry)]));
  }
}

/** Returns the setting at a path, or its nearest parent that is there. */
export function nearestTo(layered: Layered, path: ConfigPath): Layered {
  const [key, ...rest] = path;
  if (key === undefined || layered.kind === 'value') return layered;
  const next = layered.kind === 'list' ? layered.items[Number(key)] : layered.entries.get(String(key));
  return next ? nearestTo(next, rest) : layered;
}
