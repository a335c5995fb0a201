import type { PatternStore, Position } from './pattern-store.ts';
import { NO_NODE } from './spelling-tries.ts';

/**
 * How far a match has come: a position of a pattern, and a node in the trie of its symbol or of the separator before
 * it, as one number. Without a node it is the end of the pattern.
 */
export type Place = number;
const NODES = 2 ** 24;

export function positionOf(place: Place): Position {
  return Math.floor(place / NODES);
}

export function nodeOf(place: Place): number {
  return place % NODES;
}

export function isEndOfPattern(place: Place): boolean {
  return nodeOf(place) === NO_NODE;
}

/** Adds the places that a byte leads to, some perhaps twice. */
export function advance(store: PatternStore, place: Place, byte: number, next: Place[]): void {
  const child = store.forward.next(nodeOf(place), byte);
  if (child === NO_NODE) return;
  const position = positionOf(place);
  if (store.forward.hasNext(child)) next.push(position * NODES + child);
  if (!store.forward.isEnd(child)) return;
  if (store.isSeparator(child)) next.push(position * NODES + store.symbolRoot(position));
  else enter(store, position + 1, next);
}

function enter(store: PatternStore, position: Position, next: Place[]): void {
  if (store.isEnd(position)) {
    next.push(position * NODES);
    return;
  }
  if (!store.requiresSeparator(position)) next.push(position * NODES + store.symbolRoot(position));
  const separator = store.separatorRoot(position);
  if (separator !== NO_NODE) next.push(position * NODES + separator);
}

/** The place at which the symbol of this position begins. */
export function beginOf(store: PatternStore, position: Position): Place {
  return position * NODES + store.symbolRoot(position);
}
