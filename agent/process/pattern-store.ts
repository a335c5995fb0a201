import { symbolSpellings, type SecretPattern, type Separators, type SymbolKey } from './secret-patterns.ts';
import { createTries, NO_NODE, type Node, type Tries } from './spelling-tries.ts';

/** A position before a symbol of a pattern, or after its last one. */
export type PatternPosition = number;

interface SymbolTries {
  readonly forward: Node;
  readonly spellings: readonly string[];
  readonly longest: number;
  /** For each byte, whether it alone is the symbol. */
  readonly oneByte: Uint8Array;
  /** Made when it is first asked for: most symbols are in no match. */
  backward: Node;
}

interface SeparatorTries {
  readonly separators: Separators;
  readonly afterFirst: Node;
  readonly later: Node;
  readonly afterFirstBackward: Node;
  readonly laterBackward: Node;
  readonly longest: number;
}

/** All patterns, to be walked forwards and backwards. They lie one behind another. */
export class PatternStore {
  readonly forward: Tries = createTries();
  readonly backward: Tries = createTries();
  readonly #symbols = new Map<SymbolKey, SymbolTries>();
  readonly #separators = new Map<Separators, SeparatorTries>();
  readonly #separatorRoots = new Set<Node>();
  readonly #starts: PatternPosition[] = [];
  readonly #lateStarts = new Map<number, PatternPosition[]>();
  // One entry for each position; at the end of a pattern there is no symbol.
  readonly #symbolAt: (SymbolTries | undefined)[] = [];
  readonly #startAt: PatternPosition[] = [];
  readonly #separatorsAt: SeparatorTries[] = [];
  #longestBytes = 0;
  #shortestBytes = Number.MAX_SAFE_INTEGER;

  add(pattern: SecretPattern): void {
    const start = this.#symbolAt.length;
    const between = this.#separatorTries(pattern.separators);
    this.#starts.push(start);
    let length = 0;
    for (const key of [...pattern.symbols, undefined]) {
      const symbol = key === undefined ? undefined : this.#symbolTries(key);
      this.#symbolAt.push(symbol);
      this.#startAt.push(start);
      this.#separatorsAt.push(between);
      length += (symbol?.longest ?? 0) + between.longest;
    }
    this.#longestBytes = Math.max(this.#longestBytes, length);
    // Every symbol takes a byte; the first may be missing.
    this.#shortestBytes = Math.min(this.#shortestBytes, pattern.symbols.length - 1);
    for (const byte of pattern.separators.lateStarts) {
      const at = byte.charCodeAt(0);
      this.#lateStarts.set(at, [...(this.#lateStarts.get(at) ?? []), start + 1]);
    }
  }

  starts(): readonly PatternPosition[] {
    return this.#starts;
  }

  /** Returns the number of symbols of all patterns together. */
  symbols(): number {
    return this.#symbolAt.length - this.#starts.length;
  }

  /** Returns where the pattern of this position begins. */
  startOf(position: PatternPosition): PatternPosition {
    return this.#startAt[position]!;
  }

  isEnd(position: PatternPosition): boolean {
    return this.#symbolAt[position] === undefined;
  }

  symbolRoot(position: PatternPosition): Node {
    return this.#symbolAt[position]?.forward ?? NO_NODE;
  }

  /** Returns what may stand between the symbols before and after this position; NO_NODE where nothing may. */
  separatorRoot(position: PatternPosition): Node {
    return this.#chooseSeparators(position, 'afterFirst', 'later');
  }

  requiresSeparator(position: PatternPosition): boolean {
    return position > this.#startAt[position]! && this.#separatorsAt[position]!.separators.areRequired;
  }

  isSeparator(node: Node): boolean {
    return this.#separatorRoots.has(this.forward.rootOf(node));
  }

  /** Returns the patterns that may begin at their second symbol when this byte stands before it. */
  lateStarts(byte: number): readonly PatternPosition[] {
    return this.#lateStarts.get(byte) ?? [];
  }

  mayStartLate(start: PatternPosition): boolean {
    return this.#separatorsAt[start]!.separators.lateStarts.length > 0;
  }

  /** Returns whether this byte alone is the symbol at this position, and no separator has to stand before it. */
  isOneByte(position: PatternPosition, byte: number): boolean {
    return this.#symbolAt[position]!.oneByte[byte] === 1 && !this.#separatorsAt[position]!.separators.areRequired;
  }

  /** Returns the trie of the symbol at this position, of byte strings read from their ends. */
  symbolRootBackward(position: PatternPosition): Node {
    const symbol = this.#symbolAt[position]!;
    if (symbol.backward === NO_NODE) symbol.backward = this.backward.add(reversed(symbol.spellings));
    return symbol.backward;
  }

  /** Returns the trie of the separators at this position, of byte strings read from their ends. */
  separatorRootBackward(position: PatternPosition): Node {
    return this.#chooseSeparators(position, 'afterFirstBackward', 'laterBackward');
  }

  /** No match of any pattern is longer. */
  longestBytes(): number {
    return this.#longestBytes;
  }

  /** No match of any pattern is shorter. */
  shortestBytes(): number {
    return this.#shortestBytes;
  }

  #symbolTries(key: SymbolKey): SymbolTries {
    const known = this.#symbols.get(key);
    if (known) return known;
    const spellings = [...symbolSpellings(key)];
    const made = {
      forward: this.forward.add(spellings),
      spellings,
      longest: longestOf(spellings),
      oneByte: new Uint8Array(256),
      backward: NO_NODE,
    };
    for (const spelling of spellings) if (spelling.length === 1) made.oneByte[spelling.charCodeAt(0)] = 1;
    this.#symbols.set(key, made);
    return made;
  }

  #separatorTries(separators: Separators): SeparatorTries {
    const known = this.#separators.get(separators);
    if (known) return known;
    const { afterFirst, later } = separators;
    const made = {
      separators,
      afterFirst: addSeparators(this.forward, afterFirst),
      later: addSeparators(this.forward, later),
      afterFirstBackward: addSeparators(this.backward, reversed(afterFirst)),
      laterBackward: addSeparators(this.backward, reversed(later)),
      longest: longestOf([...afterFirst, ...later]),
    };
    for (const root of [made.afterFirst, made.later]) this.#separatorRoots.add(root);
    this.#separators.set(separators, made);
    return made;
  }

  #chooseSeparators(
    position: PatternPosition,
    first: 'afterFirst' | 'afterFirstBackward',
    later: 'later' | 'laterBackward',
  ): Node {
    const distance = position - this.#startAt[position]!;
    if (distance === 0 || this.#symbolAt[position] === undefined) return NO_NODE;
    return this.#separatorsAt[position]![distance === 1 ? first : later];
  }
}

function longestOf(strings: readonly string[]): number {
  return strings.reduce((longest, text) => Math.max(longest, text.length), 0);
}

function addSeparators(tries: Tries, strings: readonly string[]): Node {
  return strings.length === 0 ? NO_NODE : tries.add(strings);
}

function reversed(strings: Iterable<string>): string[] {
  // Byte strings: no surrogates to be torn apart.
  return [...strings].map((text) => text.split('').toReversed().join(''));
}
