import { parseStateTable } from '../../statetable/parse-table.ts';
import type { StateTable } from '../../statetable/table.ts';
import type { WipClass } from '../wip-class.ts';
import { decideStateBlocks, type StateBlockName } from './state-blocks.ts';

/** A table for people: its states and the part of a task's life that each belongs to. */
export interface KindTable {
  readonly table: StateTable;
  readonly blocks: ReadonlyMap<string, StateBlockName>;
}

const tables = new WeakMap<WipClass, KindTable | null>();

/** Returns the table that the kind has without options; null when its class makes none without them. */
export function kindTable(kind: WipClass): KindTable | null {
  const known = tables.get(kind);
  if (known !== undefined) return known;
  const made = makeTable(kind);
  tables.set(kind, made);
  return made;
}

function makeTable(kind: WipClass): KindTable | null {
  try {
    const table = parseStateTable(kind.create({ uuid: '', options: {} }).getStateTable());
    return { table, blocks: decideStateBlocks(table) };
  } catch {
    return null; // A class whose table depends on its options. Its tasks are shown without what the table would add.
  }
}
