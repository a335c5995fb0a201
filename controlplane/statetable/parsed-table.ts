import { parseStateTable } from './parse-table.ts';
import type { StateTable } from './table.ts';

// More than the classes of an installation. The limit is for a class that makes a new text for each task and would fill the
// memory.
const MOST_TEXTS = 100;

const parsed = new Map<string, StateTable>();

/** Returns the table of a text, which is parsed once: each claim of a task asks for its table. */
export function parsedTable(text: string): StateTable {
  const known = parsed.get(text);
  if (known) return known;
  const table = parseStateTable(text);
  if (parsed.size >= MOST_TEXTS) parsed.clear();
  parsed.set(text, table);
  return table;
}
