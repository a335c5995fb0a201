import { symbolSpellings, type SecretPattern, type Separators, type SymbolKey } from './secret-patterns.ts';
import { createTries, NO_NODE, type Node, type Tries } from './spelling-tries.ts';

/** A place before a symbol of a pattern, or after its last one. All patterns lie one behind another. */
export type Position = number;

/** All patterns, to be walked forwards and backwards. */
export interface PatternStore {
  readonly forward: Tries;
  readonly backward: Tries;
  add(pattern: SecretPattern): void;
  starts(): readonly Position[];
  /** Of all patterns together. */
  symbols(): number;
  /** Where the pattern of this position begins. */
  startOf(position: Position): Position;
  isEnd(position: Position): boolean;
  symbolRoot(position: Position): Node;
  /** What may stand between the symbols before and after this position; NO_NODE where nothing may. */
  separatorRoot(position: Position): Node;
  requiresSeparator(position: Position): boolean;
  isSeparator(node: Node): boolean;
  /** The patterns that may begin at their second symbol when this byte stands before it. */
  lateStarts(byte: number): readonly Position[];
  mayStartLate(start: Position): boolean;
  /** Whether this byte alone is the symbol at this position, with nothing before it that would have to be there. */
  isOneByte(position: Position, byte: number): boolean;
  /** The tries of the symbol at this position and of its separators, of byte strings read from their ends. */
  symbolRootBackward(position: Position): Node;
  separatorRootBackward(position: Position): Node;
  /** No match of any pattern is longer, and none is shorter. */
  longestBytes(): number;
  shortestBytes(): number;
}

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

export function createPatternStore(): PatternStore {
  const forward = createTries();
  const backward = createTries();
  const symbols = new Map<SymbolKey, SymbolTries>();
  const separators = new Map<Separators, SeparatorTries>();
  const separatorRoots = new Set<Node>();
  const starts: Position[] = [];
  const late = new Map<number, Position[]>();
  // One entry for each position; of the symbols none at the end of a pattern.
  const symbolAt: (SymbolTries | undefined)[] = [];
  const startAt: Position[] = [];
  const separatorsAt: SeparatorTries[] = [];
  let longestBytes = 0;
  let shortestBytes = Number.MAX_SAFE_INTEGER;

  function symbolTries(key: SymbolKey): SymbolTries {
    const known = symbols.get(key);
    if (known) return known;
    const spellings = [...symbolSpellings(key)];
    const made = {
      forward: forward.add(spellings),
      spellings,
      longest: longestOf(spellings),
      oneByte: new Uint8Array(256),
      backward: NO_NODE,
    };
    for (const spelling of spellings) if (spelling.length === 1) made.oneByte[spelling.charCodeAt(0)] = 1;
    symbols.set(key, made);
    return made;
  }

  function separatorTries(of: Separators): SeparatorTries {
    const known = separators.get(of);
    if (known) return known;
    const made = {
      separators: of,
      afterFirst: addSeparators(forward, of.afterFirst),
      later: addSeparators(forward, of.later),
      afterFirstBackward: addSeparators(backward, reversed(of.afterFirst)),
      laterBackward: addSeparators(backward, reversed(of.later)),
      longest: longestOf([...of.afterFirst, ...of.later]),
    };
    for (const root of [made.afterFirst, made.later]) separatorRoots.add(root);
    separators.set(of, made);
    return made;
  }

  function choose(
    position: Position,
    first: 'afterFirst' | 'afterFirstBackward',
    later: 'later' | 'laterBackward',
  ): Node {
    const distance = position - startAt[position]!;
    if (distance === 0 || symbolAt[position] === undefined) return NO_NODE;
    return separatorsAt[position]![distance === 1 ? first : later];
  }

  return {
    forward,
    backward,
    add(pattern) {
      const start = symbolAt.length;
      const between = separatorTries(pattern.separators);
      starts.push(start);
      let length = 0;
      for (const key of [...pattern.symbols, undefined]) {
        const symbol = key === undefined ? undefined : symbolTries(key);
        symbolAt.push(symbol);
        startAt.push(start);
        separatorsAt.push(between);
        length += (symbol?.longest ?? 0) + between.longest;
      }
      longestBytes = Math.max(longestBytes, length);
      // Every symbol takes a byte; the first may be missing.
      shortestBytes = Math.min(shortestBytes, pattern.symbols.length - 1);
      for (const byte of pattern.separators.lateStarts) {
        const at = byte.charCodeAt(0);
        late.set(at, [...(late.get(at) ?? []), start + 1]);
      }
    },
    starts: () => starts,
    symbols: () => symbolAt.length - starts.length,
    startOf: (position) => startAt[position]!,
    isEnd: (position) => symbolAt[position] === undefined,
    symbolRoot: (position) => symbolAt[position]?.forward ?? NO_NODE,
    separatorRoot: (position) => choose(position, 'afterFirst', 'later'),
    requiresSeparator: (position) => position > startAt[position]! && separatorsAt[position]!.separators.areRequired,
    isSeparator: (node) => separatorRoots.has(forward.rootOf(node)),
    lateStarts: (byte) => late.get(byte) ?? [],
    mayStartLate: (start) => separatorsAt[start]!.separators.lateStarts.length > 0,
    isOneByte: (position, byte) =>
      symbolAt[position]!.oneByte[byte] === 1 && !separatorsAt[position]!.separators.areRequired,
    symbolRootBackward(position) {
      const symbol = symbolAt[position]!;
      if (symbol.backward === NO_NODE) symbol.backward = backward.add(reversed(symbol.spellings));
      return symbol.backward;
    },
    separatorRootBackward: (position) => choose(position, 'afterFirstBackward', 'laterBackward'),
    longestBytes: () => longestBytes,
    shortestBytes: () => shortestBytes,
  };
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
