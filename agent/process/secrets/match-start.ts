import type { PatternStore, PatternPosition } from './pattern-store.ts';
import { NO_NODE, type Node, type Tries } from './spelling-tries.ts';

/** A position of a pattern, and the offset in the data to which everything before it was matched. */
export interface Reached {
  readonly position: PatternPosition;
  readonly offset: number;
}

/** More than any data that is searched at once has bytes. */
const OFFSETS = 2 ** 32;

/**
 * Returns the earliest offset at which one of the patterns begins that were matched so far: the automaton knows where
 * a match ends, and its beginning is found by walking back. Undefined when the beginning is before the data.
 */
export function findStart(data: Buffer, reached: readonly Reached[], store: PatternStore): number | undefined {
  let earliest: number | undefined;
  for (const one of reached) {
    const second = walkBackPlain(data, one, store);
    const start = (second && walkBack(data, second, store)) ?? walkBack(data, one, store);
    if (start !== undefined) earliest = Math.min(earliest ?? start, start);
  }
  return earliest;
}

/**
 * Walks back to behind the first symbol when all others stand there in one byte each, which most matches do; 30 times as
 * fast as the general walk. Undefined when a symbol stands there otherwise, and when one could: `3` may be the end of
 * `%33`, and then the match may begin earlier than this walk would say. The first symbol is left to the general walk.
 */
function walkBackPlain(data: Buffer, { position, offset }: Reached, store: PatternStore): Reached | undefined {
  const second = store.startOf(position) + 1;
  let at = offset;
  for (let symbol = position - 1; symbol >= second; symbol -= 1) {
    at -= 1;
    if (at < 0 || !store.isOneByte(symbol, data[at]!) || mayBeLonger(data, at, symbol, store)) return undefined;
  }
  return position < second ? undefined : { position: second, offset: at };
}

/** Returns whether the byte at `at` can be the end of a longer spelling of the symbol, or come after a separator. */
function mayBeLonger(data: Buffer, at: number, symbol: PatternPosition, store: PatternStore): boolean {
  if (at === 0) return false;
  const { backward } = store;
  const before = data[at - 1]!;
  if (backward.next(backward.next(store.symbolRootBackward(symbol), data[at]!), before) !== NO_NODE) return true;
  const separator = store.separatorRootBackward(symbol);
  return separator !== NO_NODE && backward.next(separator, before) !== NO_NODE;
}

/** In whatever ways the symbols are written. */
function walkBack(data: Buffer, from: Reached, store: PatternStore): number | undefined {
  let earliest: number | undefined;
  const seen = new Set<number>();
  const open = [from];
  for (let at = open.pop(); at; at = open.pop()) {
    const { position, offset } = at;
    const key = position * OFFSETS + offset;
    if (seen.has(key)) continue;
    seen.add(key);
    const start = store.startOf(position);
    const isLate = position === start + 1 && offset > 0 && store.lateStarts(data[offset - 1]!).includes(position);
    if (position === start || isLate) earliest = Math.min(earliest ?? offset, offset);
    if (position > start) stepBack(data, at, store, open);
  }
  return earliest;
}

/** Adds where the symbol before may have started, and where a separator before that. */
function stepBack(data: Buffer, { position, offset }: Reached, store: PatternStore, open: Reached[]): void {
  const before = position - 1;
  for (const from of endsBefore(data, offset, store.symbolRootBackward(before), store.backward)) {
    addBoundary(data, { position: before, offset: from }, store, open);
  }
}

/** A symbol begins here: it follows the one before at once, or after a separator. */
export function addBoundary(data: Buffer, at: Reached, store: PatternStore, open: Reached[]): void {
  if (!store.requiresSeparator(at.position)) open.push(at);
  const root = store.separatorRootBackward(at.position);
  if (root === NO_NODE) return;
  for (const offset of endsBefore(data, at.offset, root, store.backward)) open.push({ ...at, offset });
}

/** The offsets at which a byte string of the trie begins that ends at `offset`. */
function endsBefore(data: Buffer, offset: number, root: Node, tries: Tries): number[] {
  const found: number[] = [];
  let node = root;
  for (let at = offset - 1; at >= 0; at -= 1) {
    node = tries.next(node, data[at]!);
    if (node === NO_NODE) break;
    if (tries.isEnd(node)) found.push(at);
  }
  return found;
}
