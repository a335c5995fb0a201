import type { PatternStore, PatternPosition } from './pattern-store.ts';
import { NO_NODE } from './spelling-tries.ts';

/**
 * A state of the nondeterministic automaton, which says how far a match has come: a position of a pattern, and a node
 * in the trie of its symbol or of the separator before it, as one number. Without a node it is the end of the pattern.
 */
export type NfaState = number;
const NODES = 2 ** 24;

export function positionOf(state: NfaState): PatternPosition {
  return Math.floor(state / NODES);
}

export function nodeOf(state: NfaState): number {
  return state % NODES;
}

export function isEndOfPattern(state: NfaState): boolean {
  return nodeOf(state) === NO_NODE;
}

/** Adds the states that a byte leads to, some perhaps twice. */
export function advance(store: PatternStore, state: NfaState, byte: number, next: NfaState[]): void {
  const child = store.forward.next(nodeOf(state), byte);
  if (child === NO_NODE) return;
  const position = positionOf(state);
  if (store.forward.hasNext(child)) next.push(position * NODES + child);
  if (!store.forward.isEnd(child)) return;
  if (store.isSeparator(child)) next.push(position * NODES + store.symbolRoot(position));
  else enter(store, position + 1, next);
}

function enter(store: PatternStore, position: PatternPosition, next: NfaState[]): void {
  if (store.isEnd(position)) {
    next.push(position * NODES);
    return;
  }
  if (!store.requiresSeparator(position)) next.push(position * NODES + store.symbolRoot(position));
  const separator = store.separatorRoot(position);
  if (separator !== NO_NODE) next.push(position * NODES + separator);
}

/** Returns the state in which the symbol of this position begins. */
export function beginOf(store: PatternStore, position: PatternPosition): NfaState {
  return position * NODES + store.symbolRoot(position);
}
