import { addBoundary, findStart, type Reached } from './match-start.ts';
import type { PatternStore, PatternPosition } from './pattern-store.ts';
import { advance, beginOf, isEndOfPattern, nodeOf, positionOf, type NfaState } from './nfa-state.ts';
import { createWindowFilter, WINDOW_BYTES, type WindowFilter } from './window-filter.ts';

/**
 * Finds every pattern in one pass: a deterministic automaton whose states are sets of NFA states (subset
 * construction), each made when it is first met. Its cost does not depend on how many secrets there are.
 */
export interface SecretAutomaton {
  /** Calls `found` for each match in `data`; returns the offset from which on a match may still be unfinished. */
  search(data: Buffer, found: (start: number, end: number) => void): number;
}

interface DfaState {
  readonly nfaStates: readonly NfaState[];
  /** The ends of the patterns that are complete here. */
  readonly ended: readonly PatternPosition[];
}

type Report = (ended: readonly PatternPosition[], end: number) => void;

interface Stop {
  readonly offset: number;
  /** After the byte at the offset, or at the end of the data. */
  readonly state: number;
}

/**
 * Texts shorter than this, such as a line of a log, are searched without the filter: making it takes about 10 ms for
 * one secret (2026-11).
 */
const MIN_FILTERED_BYTES = 4_096;
/**
 * With more symbols than about 20 tokens have, nearly every text has some window by chance, and the filter would only
 * cost.
 */
const MAX_FILTERED_SYMBOLS = 10_000;

/**
 * A row of the table has 512 bytes, so all have 4 MB. When there are more, they are forgotten and made anew: a private key
 * that is printed takes 2,500, ordinary output some hundreds.
 */
const MAX_STATES = 8_192;
const FIRST_STATES = 64;
const ROOT = 1;
const UNKNOWN = 0;
/** Set in the number of a state in which a pattern is complete. */
const ENDED = 0x8000;

export function createSecretAutomaton(store: PatternStore): SecretAutomaton {
  let filter: WindowFilter | undefined;
  const states = createStates(store);

  /** From `at` on, until nothing that began at or before `until` is unfinished; returns where, and the state there. */
  function run(data: Buffer, at: number, until: number, report: Report): Stop {
    let state = at > 0 ? states.alone(data[at - 1]!) : ROOT;
    let rows = states.table();
    for (let offset = at; offset < data.length; offset += 1) {
      const byte = data[offset]!;
      let next = rows[(state << 8) | byte]!;
      if (next === UNKNOWN) {
        next = states.next(state, byte);
        rows = states.table();
      }
      if (next >= ENDED) {
        next &= ~ENDED;
        report(states.at(next).ended, offset + 1);
      }
      state = next;
      if (offset > until && state === states.alone(byte)) return { offset, state };
    }
    return { offset: data.length, state };
  }

  /** Runs where the filter finds something, and to the end from where it could not search. */
  function runWhereNeeded(data: Buffer, { stride, mayMatch }: WindowFilter, report: Report): Stop {
    let stop: Stop = { offset: 0, state: ROOT };
    let probe = stride - 1;
    while (probe + WINDOW_BYTES <= data.length) {
      if (mayMatch(data, probe)) {
        stop = run(data, Math.max(stop.offset, probe - stride + 1), probe, report);
        if (stop.offset === data.length) return stop;
        probe = stop.offset - 1;
      }
      probe += stride;
    }
    return run(data, Math.max(stop.offset, probe - stride + 1), data.length, report);
  }

  return {
    search(data, found) {
      const report: Report = (ended, end) => {
        const reached = ended.map((position) => ({ position, offset: end }));
        const start = findStart(data, reached, store);
        if (start !== undefined) found(start, end);
      };
      const isFiltered = data.length >= MIN_FILTERED_BYTES && store.symbols() <= MAX_FILTERED_SYMBOLS;
      const { state } = isFiltered
        ? runWhereNeeded(data, (filter ??= createWindowFilter(store)), report)
        : run(data, 0, data.length, report);
      return openFrom(data, states.at(state).nfaStates, store);
    },
  };
}

interface States {
  table(): Uint16Array;
  at(number: number): DfaState;
  /** Returns the state that follows by a byte; may forget all other states. */
  next(from: number, byte: number): number;
  /** The state in which everything unfinished began with this byte. */
  alone(byte: number): number;
}

function createStates(store: PatternStore): States {
  let states: DfaState[] = [];
  let numbers = new Map<string, number>();
  let table = new Uint16Array(0);
  const beginnings = new Map<number, readonly NfaState[]>();
  reset();

  function reset(): void {
    const nothing: DfaState = { nfaStates: [], ended: [] };
    states = [nothing];
    numbers = new Map();
    table = new Uint16Array(FIRST_STATES * 256);
    numberOf(nothing);
    for (let byte = 0; byte < 256; byte += 1) table[(ROOT << 8) | byte] = numberOf(stateOf(beginningWith(byte)));
  }

  function numberOf(state: DfaState): number {
    const key = `${state.nfaStates.join()};${state.ended.join()}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const number = (states.push(state) - 1) | (state.ended.length > 0 ? ENDED : 0);
    numbers.set(key, number);
    if (states.length * 256 > table.length) {
      const larger = new Uint16Array(table.length * 2);
      larger.set(table);
      table = larger;
    }
    return number;
  }

  /** Kept apart, because a pattern can begin in every state. */
  function beginningWith(byte: number): readonly NfaState[] {
    const known = beginnings.get(byte);
    if (known) return known;
    const nfaStates = store.lateStarts(byte).map((position) => beginOf(store, position));
    for (const position of store.starts()) advance(store, beginOf(store, position), byte, nfaStates);
    beginnings.set(byte, nfaStates);
    return nfaStates;
  }

  return {
    table: () => table,
    // No pattern is one byte long, so nothing is complete in these.
    alone: (byte) => table[(ROOT << 8) | byte]!,
    at: (number) => states[number]!,
    next(from, byte) {
      const nfaStates = [...beginningWith(byte)];
      for (const nfaState of states[from]!.nfaStates) advance(store, nfaState, byte, nfaStates);
      const state = stateOf(nfaStates);
      if (states.length >= MAX_STATES) {
        reset();
        return numberOf(state);
      }
      const number = numberOf(state);
      table[(from << 8) | byte] = number;
      return number;
    },
  };
}

function stateOf(nfaStates: readonly NfaState[]): DfaState {
  const sorted = [...new Set(nfaStates)].toSorted((one, other) => one - other);
  return {
    nfaStates: sorted.filter((nfaState) => !isEndOfPattern(nfaState)),
    ended: sorted.filter(isEndOfPattern).map(positionOf),
  };
}

/** Where the earliest match begins that is not complete at the end of the data. */
function openFrom(data: Buffer, nfaStates: readonly NfaState[], store: PatternStore): number {
  const reached: Reached[] = [];
  for (const nfaState of nfaStates) {
    const node = nodeOf(nfaState);
    const at = { position: positionOf(nfaState), offset: data.length - store.forward.depth(node) };
    if (store.isSeparator(node)) reached.push(at);
    else addBoundary(data, at, store, reached);
  }
  return findStart(data, reached, store) ?? data.length;
}
