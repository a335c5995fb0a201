import { symbolSpellings, type Separators, type SymbolKey } from './secret-patterns.ts';
import { NO_NODE, type Node, type Tries } from './spelling-tries.ts';

// Each trie is made when it is first asked for. A text that holds no secret meets the first symbols of the patterns
// only, and the agent's log is such a text: making all tries took a sixth of the time until the agent was ready
// (measured 2026-11).

/** A symbol of a pattern with its spellings, as tries to be walked forwards and backwards. */
export class SpelledSymbol {
  readonly #key: SymbolKey;
  readonly #forward: Tries;
  readonly #backward: Tries;
  #spellings: readonly string[] | undefined;
  #oneByte: Uint8Array | undefined;
  #longest: number | undefined;
  #forwardRoot: Node = NO_NODE;
  #backwardRoot: Node = NO_NODE;

  constructor(key: SymbolKey, forward: Tries, backward: Tries) {
    this.#key = key;
    this.#forward = forward;
    this.#backward = backward;
  }

  forwardRoot(): Node {
    if (this.#forwardRoot === NO_NODE) this.#forwardRoot = this.#forward.add(this.#spelled());
    return this.#forwardRoot;
  }

  backwardRoot(): Node {
    if (this.#backwardRoot === NO_NODE) this.#backwardRoot = this.#backward.add(reversed(this.#spelled()));
    return this.#backwardRoot;
  }

  /** Whether this byte alone is the symbol. */
  isOneByte(byte: number): boolean {
    this.#oneByte ??= oneByteOf(this.#spelled());
    return this.#oneByte[byte] === 1;
  }

  longestBytes(): number {
    return (this.#longest ??= longestOf(this.#spelled()));
  }

  #spelled(): readonly string[] {
    return (this.#spellings ??= [...symbolSpellings(this.#key)]);
  }
}

type SeparatorPosition = 'after the first' | 'later';

/** What may stand between the symbols of a pattern, as tries to be walked forwards and backwards. */
export class SpelledSeparators {
  readonly separators: Separators;
  readonly longestBytes: number;
  readonly #forward: Tries;
  readonly #backward: Tries;
  readonly #forwardRoots = new Map<readonly string[], Node>();
  readonly #backwardRoots = new Map<readonly string[], Node>();

  constructor(separators: Separators, forward: Tries, backward: Tries) {
    this.separators = separators;
    this.longestBytes = Math.max(longestOf(separators.afterFirst), longestOf(separators.later));
    this.#forward = forward;
    this.#backward = backward;
  }

  /** Returns NO_NODE where nothing may stand there. */
  forwardRoot(position: SeparatorPosition): Node {
    return rootOf(this.#at(position), this.#forwardRoots, (strings) => this.#forward.add(strings));
  }

  /** Returns NO_NODE where nothing may stand there. */
  backwardRoot(position: SeparatorPosition): Node {
    return rootOf(this.#at(position), this.#backwardRoots, (strings) => this.#backward.add(reversed(strings)));
  }

  #at(position: SeparatorPosition): readonly string[] {
    return position === 'later' ? this.separators.later : this.separators.afterFirst;
  }
}

function rootOf(
  strings: readonly string[],
  known: Map<readonly string[], Node>,
  add: (strings: readonly string[]) => Node,
): Node {
  if (strings.length === 0) return NO_NODE;
  const root = known.get(strings) ?? add(strings);
  known.set(strings, root);
  return root;
}

function oneByteOf(spellings: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(256);
  for (const spelling of spellings) if (spelling.length === 1) bytes[spelling.charCodeAt(0)] = 1;
  return bytes;
}

function longestOf(strings: readonly string[]): number {
  return strings.reduce((longest, text) => Math.max(longest, text.length), 0);
}

function reversed(strings: readonly string[]): string[] {
  // Byte strings: no surrogates to be torn apart.
  return strings.map((text) => text.split('').toReversed().join(''));
}
