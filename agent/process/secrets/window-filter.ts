import type { PatternStore } from './pattern-store.ts';
import { advance, beginOf, isEndOfPattern, nodeOf, type NfaState } from './nfa-state.ts';

/**
 * Says which three bytes can stand together near the beginning of a match. It is enough to look at every `stride`-th
 * three bytes, and most of an ordinary output is passed over that way (Wu and Manber, 1994).
 */
export interface WindowFilter {
  readonly stride: number;
  /** Whether a match may cover the three bytes from here. */
  mayMatch(data: Buffer, at: number): boolean;
}

export const WINDOW_BYTES = 3;
/** Longer strides need more windows, each of which some text has by chance. */
const MAX_FIRST_BYTES = 12;
const TABLE_BITS = 19;
/**
 * First bytes of most spellings of a character, and of most line breaks. A window with one of these may always match,
 * so that nobody has to work out what can stand before and after it.
 */
const LEADS = new Uint8Array(256);
for (const lead of '\n\r\\%&=') LEADS[lead.charCodeAt(0)] = 1;
const SPACE = 0x20;
const TAB = 0x09;
const NEWLINE = 0x0a;
/** A line break in a match has fewer blanks than this. */
const MAX_BLANKS = 34;
/**
 * Depth in the trie of a line break below which further blanks are left out: a line break has at most four other bytes,
 * and more than three blanks make no new windows.
 */
const MAX_DEPTH_OF_BLANKS = 7;

export function createWindowFilter(store: PatternStore): WindowFilter {
  const firstBytes = Math.min(store.shortestBytes(), MAX_FIRST_BYTES);
  const windows = new Uint8Array(2 ** (TABLE_BITS - 3));
  const pairs = new Uint8Array(2 ** 13);
  addWindows(store, firstBytes - WINDOW_BYTES, {
    window: (first, second, third) => set(windows, indexOf(first, second, third)),
    pair: (first, second) => set(pairs, (first << 8) | second),
  });

  /** Whether the line before may end in the beginning of a match. */
  function mayEndLine(data: Buffer, end: number): boolean {
    if (end < 2) return true;
    const [first, second] = [data[end - 2]!, data[end - 1]!];
    return LEADS[first] === 1 || LEADS[second] === 1 || has(pairs, (first << 8) | second);
  }

  return {
    stride: firstBytes - WINDOW_BYTES + 1,
    mayMatch(data, at) {
      const first = data[at]!;
      const second = data[at + 1]!;
      const third = data[at + 2]!;
      if ((LEADS[first]! | LEADS[second]! | LEADS[third]!) !== 0) return true;
      if (!isBlank(first) || !isBlank(second)) return has(windows, indexOf(first, second, third));
      // Blanks that a line break brought in are in no window: what counts is what stands before them.
      let from = at;
      while (from > 0 && at - from <= MAX_BLANKS && isBlank(data[from - 1]!)) from -= 1;
      const isIndentation = at - from <= MAX_BLANKS && from > 0 && data[from - 1] === NEWLINE;
      return has(windows, indexOf(first, second, third)) || (isIndentation && mayEndLine(data, from - 1));
    },
  };
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

function indexOf(first: number, second: number, third: number): number {
  return (first << 11) ^ (second << 5) ^ third;
}

function set(bits: Uint8Array, index: number): void {
  bits[index >> 3]! |= 1 << (index & 7);
}

function has(bits: Uint8Array, index: number): boolean {
  return (bits[index >> 3]! & (1 << (index & 7))) !== 0;
}

interface Adding {
  readonly window: (first: number, second: number, third: number) => void;
  readonly pair: (first: number, second: number) => void;
}

/**
 * Adds the windows and pairs that begin at most `maxDepth` bytes behind the beginning of a match and have none of
 * LEADS.
 */
function addWindows(store: PatternStore, maxDepth: number, adding: Adding): void {
  const edges = store.allForwardEdges();
  for (const start of store.starts()) {
    // One pattern at a time: the successors of all together would take 50 MB for ten tokens.
    const follow = successorsIn(store, edges);
    let states = new Set([beginOf(store, start), ...(store.mayStartLate(start) ? [beginOf(store, start + 1)] : [])]);
    const seen = new Set<NfaState>();
    for (const state of states) addFirstLineEnds(follow, state, adding);
    for (let depth = 0; depth <= maxDepth; depth += 1) {
      const next = new Set<NfaState>();
      for (const state of states) {
        seen.add(state);
        for (const first of follow(state)) {
          if (!seen.has(first.state)) next.add(first.state);
          if (LEADS[first.byte] === 0) addFrom(store, follow, first, adding);
        }
      }
      states = next;
    }
  }
}

function addFrom(store: PatternStore, follow: Follow, first: Successor, adding: Adding): void {
  // No character is written with a blank behind another byte, but line breaks are.
  const isInBreak = isBlank(first.byte) && store.forward.depth(nodeOf(first.state)) > 1;
  for (const second of follow(first.state)) {
    if (LEADS[second.byte] === 1 || (isInBreak && isBlank(second.byte))) continue;
    adding.pair(first.byte, second.byte);
    for (const third of follow(second.state)) {
      if (LEADS[third.byte] === 0) adding.window(first.byte, second.byte, third.byte);
    }
  }
}

/** A match can have a line end as its second byte. Before its first byte stands text that is no part of it. */
function addFirstLineEnds(follow: Follow, state: NfaState, adding: Adding): void {
  for (const first of follow(state)) {
    if (!follow(first.state).some(({ byte }) => byte === NEWLINE)) continue;
    for (let before = 0; before < 256; before += 1) adding.pair(before, first.byte);
  }
}

interface Successor {
  readonly byte: number;
  readonly state: NfaState;
}
type Follow = (state: NfaState) => readonly Successor[];

function successorsIn(store: PatternStore, edges: ReadonlyMap<number, readonly number[]>): Follow {
  const known = new Map<NfaState, readonly Successor[]>();
  function successors(state: NfaState): Successor[] {
    const node = nodeOf(state);
    const isDeep = store.forward.depth(node) >= MAX_DEPTH_OF_BLANKS;
    const found: Successor[] = [];
    for (const byte of edges.get(node) ?? []) {
      if (isDeep && isBlank(byte)) continue;
      const next: NfaState[] = [];
      advance(store, state, byte, next);
      for (const other of next) if (!isEndOfPattern(other)) found.push({ byte, state: other });
    }
    return found;
  }
  return (state) => {
    const before = known.get(state);
    if (before) return before;
    const found = successors(state);
    known.set(state, found);
    return found;
  };
}
