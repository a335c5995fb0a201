import type { SecretPattern, Separators, SymbolKey } from './secret-patterns.ts';
import { SpelledSeparators, SpelledSymbol } from './spelled-symbol.ts';
import { createTries, NO_NODE, type Node, type Tries } from './spelling-tries.ts';

/** A position before a symbol of a pattern, or after its last one. */
export type PatternPosition = number;

/** All patterns, to be walked forwards and backwards. They lie one behind another. */
export class PatternStore {
  readonly forward: Tries = createTries();
  readonly backward: Tries = createTries();
  readonly #symbols = new Map<SymbolKey, SpelledSymbol>();
  readonly #separators = new Map<Separators, SpelledSeparators>();
  readonly #separatorRoots = new Set<Node>();
  readonly #starts: PatternPosition[] = [];
  readonly #lateStarts = new Map<number, PatternPosition[]>();
  // One entry for each position; at the end of a pattern there is no symbol.
  readonly #symbolAt: (SpelledSymbol | undefined)[] = [];
  readonly #startAt: PatternPosition[] = [];
  readonly #separatorsAt: SpelledSeparators[] = [];
  #longestBytes = 0;
  /** So many patterns are counted in #longestBytes. */
  #measuredPatterns = 0;
  #shortestBytes = Number.MAX_SAFE_INTEGER;

  add(pattern: SecretPattern): void {
    const start = this.#symbolAt.length;
    const between = this.#spelledSeparators(pattern.separators);
    this.#starts.push(start);
    for (const key of [...pattern.symbols, undefined]) {
      this.#symbolAt.push(key === undefined ? undefined : this.#spelledSymbol(key));
      this.#startAt.push(start);
      this.#separatorsAt.push(between);
    }
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
    return this.#symbolAt[position]?.forwardRoot() ?? NO_NODE;
  }

  /** Returns what may stand between the symbols before and after this position; NO_NODE where nothing may. */
  separatorRoot(position: PatternPosition): Node {
    const root = this.#isBetween(position)
      ? this.#separatorsAt[position]!.forwardRoot(this.#distance(position))
      : NO_NODE;
    if (root !== NO_NODE) this.#separatorRoots.add(root);
    return root;
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
    return this.#symbolAt[position]!.isOneByte(byte) && !this.#separatorsAt[position]!.separators.areRequired;
  }

  /** Returns the trie of the symbol at this position, of byte strings read from their ends. */
  symbolRootBackward(position: PatternPosition): Node {
    return this.#symbolAt[position]!.backwardRoot();
  }

  /** Returns the trie of the separators at this position, of byte strings read from their ends. */
  separatorRootBackward(position: PatternPosition): Node {
    return this.#isBetween(position) ? this.#separatorsAt[position]!.backwardRoot(this.#distance(position)) : NO_NODE;
  }

  /** Returns all bytes that lead on in `forward`, of every symbol and separator. */
  allForwardEdges(): Map<Node, number[]> {
    this.#symbolAt.forEach((_symbol, position) => {
      this.symbolRoot(position);
      this.separatorRoot(position);
    });
    return this.forward.edges();
  }

  /** No match of any pattern is longer. */
  longestBytes(): number {
    for (; this.#measuredPatterns < this.#starts.length; this.#measuredPatterns += 1) {
      const end = this.#starts[this.#measuredPatterns + 1] ?? this.#symbolAt.length;
      let length = 0;
      for (let position = this.#starts[this.#measuredPatterns]!; position < end; position += 1) {
        length += (this.#symbolAt[position]?.longestBytes() ?? 0) + this.#separatorsAt[position]!.longestBytes;
      }
      this.#longestBytes = Math.max(this.#longestBytes, length);
    }
    return this.#longestBytes;
  }

  /** No match of any pattern is shorter. */
  shortestBytes(): number {
    return this.#shortestBytes;
  }

  #spelledSymbol(key: SymbolKey): SpelledSymbol {
    const known = this.#symbols.get(key);
    if (known) return known;
    const made = new SpelledSymbol(key, this.forward, this.backward);
    this.#symbols.set(key, made);
    return made;
  }

  #spelledSeparators(separators: Separators): SpelledSeparators {
    const known = this.#separators.get(separators);
    if (known) return known;
    const made = new SpelledSeparators(separators, this.forward, this.backward);
    this.#separators.set(separators, made);
    return made;
  }

  /** Whether there is a symbol of the same pattern on both sides. */
  #isBetween(position: PatternPosition): boolean {
    return position > this.#startAt[position]! && this.#symbolAt[position] !== undefined;
  }

  #distance(position: PatternPosition): 'after the first' | 'later' {
    return position - this.#startAt[position]! === 1 ? 'after the first' : 'later';
  }
}
