import { classNameOf } from '../../../shared/text/class-name.ts';
import type { Bag } from '../../tasks/context.ts';

interface ViewingMethod {
  readonly isOver: boolean;
  /** Throws for a write after the end of the method. `path` names the written value in the author's terms. */
  refuseLateWrite(path: string): never;
}

/**
 * The memory and the bags of a task as one method sees them. Leftover code of the method may write into them after the method has
 * ended and the step is saved; such a write is refused. Objects that the method stores stay its own, and it reads the same
 * objects back. `replaceByCopies` replaces them by copies, so that later changes to the originals do not affect other steps.
 */
export class SavedJsonView {
  /** Whether the method may have changed anything in it. */
  isWritten = false;
  readonly #method: ViewingMethod;
  /** The last used view, because most methods use one bag again and again. */
  #last: View | null = null;
  #views: Map<object, View> | null = null;
  #own: Set<object> | null = null;
  /** Objects of the task that the method has stored in a further position. */
  #moved: Set<object> | null = null;
  /** Objects of the task into which the method has stored objects. */
  #holders: Set<object> | null = null;
  #invalidated: Map<object, string> | null = null;

  constructor(method: ViewingMethod) {
    this.#method = method;
  }

  /** Returns the view of the memory or of a bag. `name` is its name in the author's terms. */
  of(record: Bag, name: string): Bag {
    if (this.#last?.target !== record) this.#last = this.#views?.get(record) ?? this.#added(record, null, name);
    return this.#last.view as Bag;
  }

  /** Returns the value that a method reads for a nested object: a view, or the method's own object. */
  within(value: object, parent: View, key: PropertyKey): object {
    const known = this.#views?.get(value);
    if (known) return known.view;
    // An object of a class cannot be saved: it is refused elsewhere.
    if (this.#own?.has(value) === true || classNameOf(value) !== null) return value;
    return this.#added(value, parent, key).view;
  }

  /** Returns the value to store when a method writes `value` into `holder`. */
  storedValue(holder: object, value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const original = unwrapView(value) as object;
    // An object that is stored in a second position is shared until the method ends, and copied then, as JSON would do.
    if (original === value) (this.#own ??= new Set()).add(original);
    else (this.#moved ??= new Set()).add(original);
    (this.#holders ??= new Set()).add(holder);
    return original;
  }

  /** Makes writes to a bag fail that another bag has replaced. */
  invalidate(record: Bag, why: string): void {
    if (this.#views?.has(record) === true) (this.#invalidated ??= new Map()).set(record, why);
  }

  /** Throws for a write that would be lost. */
  write(view: View, key: PropertyKey): void {
    const why = this.#invalidated?.get(view.target);
    if (why !== undefined) throw new Error(`${pathOf(view, key)} was written ${why}`);
    if (this.#method.isOver) this.#method.refuseLateWrite(pathOf(view, key));
    this.isWritten = true;
  }

  /** Replaces stored objects of the method by copies, and stored views by the objects behind them. */
  replaceByCopies(): void {
    if (!this.#holders) return;
    for (const holder of this.#holders) this.#replaceIn(holder);
    this.#holders = null;
    this.#own = null;
    this.#moved = null;
  }

  #replaceIn(holder: object): void {
    for (const [name, value] of Object.entries(holder) as [string, object | null][]) {
      if (value === null || !(this.#own?.has(value) === true || this.#moved?.has(value) === true)) continue;
      try {
        define(holder, name, copyOf(value));
      } catch {
        // A getter that fails here fails again when the step is saved; the save then removes and reports the value.
      }
    }
  }

  #added(value: object, parent: View | null, key: PropertyKey): View {
    const added = new View(this, value, { parent, key });
    (this.#views ??= new Map()).set(value, added);
    return added;
  }
}

/** A field that only views have. */
const TARGET = Symbol('target');

/** Returns the value behind a view, also of an earlier method; any other value as it is. */
export function unwrapView(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return (value as { readonly [TARGET]?: object })[TARGET] ?? value;
}

/**
 * Returns a copy of plain objects and lists, without views. An object in two positions is copied twice, as in JSON. `above`:
 * originals and copies of the enclosing objects. A circular object becomes a circular copy, which the save refuses.
 */
export function copyOf(value: unknown, above = new Map<object, unknown>()): unknown {
  const original = unwrapView(value);
  if (typeof original !== 'object' || original === null || classNameOf(original) !== null) return original;
  const known = above.get(original);
  if (known !== undefined) return known;
  const copy: object = Array.isArray(original) ? [] : {};
  above.set(original, copy);
  for (const [name, item] of Object.entries(original)) define(copy, name, copyOf(item, above));
  above.delete(original);
  return copy;
}

/** Sets a field. For the name `__proto__` an assignment would change the prototype instead. */
function define(holder: object, name: string, value: unknown): void {
  if (name !== '__proto__') (holder as Record<string, unknown>)[name] = value;
  else Reflect.defineProperty(holder, name, { value, writable: true, enumerable: true, configurable: true });
}

/** Returns whether a property is as an assignment creates it: a value that JSON includes and later methods can change. */
function isOrdinary(before: PropertyDescriptor | undefined, given: PropertyDescriptor): boolean {
  const { configurable, enumerable, writable, get, set } = { ...before, ...given };
  const isLength = before !== undefined && !before.configurable;
  return !get && !set && writable === true && (isLength || (configurable === true && enumerable === true));
}

function pathOf({ parent, key: above }: View, key: PropertyKey): string {
  const before = parent ? pathOf(parent, above) : String(above);
  if (typeof key === 'string' && /^[A-Za-z_$][\w$]*$/.test(key)) return `${before}.${key}`;
  return `${before}[${typeof key === 'string' && !/^\d+$/.test(key) ? JSON.stringify(key) : String(key)}]`;
}

const READING = { includes: true, indexOf: true, lastIndexOf: true } as const;
const WRITING = { shift: true, unshift: true, splice: true } as const;
type QuickMethod = keyof typeof READING | keyof typeof WRITING;

function isQuickMethod(key: PropertyKey): key is QuickMethod {
  return Object.hasOwn(READING, key) || Object.hasOwn(WRITING, key);
}

function applied(list: unknown[], method: QuickMethod, given: readonly unknown[]): unknown {
  return Reflect.apply(Array.prototype[method], list, given);
}

/** A proxy of an object of the task, through which a method reads and writes it. */
class View implements ProxyHandler<object> {
  readonly view: object;
  readonly target: object;
  readonly parent: View | null;
  readonly key: PropertyKey;
  readonly #json: SavedJsonView;

  constructor(json: SavedJsonView, target: object, { parent, key }: Pick<View, 'parent' | 'key'>) {
    this.#json = json;
    this.target = target;
    this.parent = parent;
    this.key = key;
    this.view = new Proxy(target, this);
  }

  get(target: object, key: PropertyKey): unknown {
    if (key === TARGET) return target;
    const value: unknown = Reflect.get(target, key);
    if (typeof value === 'function' && Array.isArray(target)) return this.#methodOf(target, key, value);
    return this.#seen(value, key);
  }

  #seen(value: unknown, key: PropertyKey): unknown {
    return typeof value === 'object' && value !== null ? this.#json.within(value, this, key) : value;
  }

  /**
   * Runs list methods that touch all items directly on the list. Through the proxy they would be so slow that a method which
   * empties a queue with `shift` would block the node.
   */
  #methodOf(list: unknown[], key: PropertyKey, method: unknown): unknown {
    const isOne = isQuickMethod(key) && method === Array.prototype[key];
    if (!isOne) return method;
    return (...given: unknown[]): unknown => {
      if (key in READING) return applied(list, key, given.length > 0 ? [unwrapView(given[0]), ...given.slice(1)] : []);
      this.#json.write(this, key === 'splice' ? Number(given[0]) : 0);
      const firstItem = key === 'splice' ? 2 : 0;
      const items = given.map((item, at) => (at < firstItem ? item : this.#json.storedValue(list, item)));
      const result = applied(list, key, items);
      return Array.isArray(result) && key === 'splice'
        ? result.map((item) => this.#seen(item, 0))
        : this.#seen(result, 0);
    };
  }

  set(target: object, key: PropertyKey, value: unknown, receiver: unknown): boolean {
    // The receiver is another object whose prototype is the view.
    if (receiver !== this.view) return Reflect.set(target, key, value, receiver);
    this.#json.write(this, key);
    return Reflect.set(target, key, this.#json.storedValue(target, value));
  }

  defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
    this.#json.write(this, key);
    if (!isOrdinary(Reflect.getOwnPropertyDescriptor(target, key), descriptor)) {
      throw new TypeError(`${pathOf(this, key)} is defined as JSON cannot keep it: assign its value`);
    }
    if ('value' in descriptor) descriptor.value = this.#json.storedValue(target, descriptor.value);
    return Reflect.defineProperty(target, key, descriptor);
  }

  deleteProperty(target: object, key: PropertyKey): boolean {
    this.#json.write(this, key);
    return Reflect.deleteProperty(target, key);
  }

  setPrototypeOf(target: object, prototype: object | null): boolean {
    this.#json.write(this, '__proto__');
    return Reflect.setPrototypeOf(target, prototype);
  }

  preventExtensions(): boolean {
    throw new TypeError(
      `${this.parent ? pathOf(this.parent, this.key) : String(this.key)} cannot be frozen, as the next method writes into it: freeze a copy of it, JSON.parse(JSON.stringify(…))`,
    );
  }
}
