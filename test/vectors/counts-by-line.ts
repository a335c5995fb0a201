import { transitionCount, type Position } from '../../controlplane/statetable/position.ts';
import type { StateTable } from '../../controlplane/statetable/table.ts';

/**
 * Returns counters as the recorded engine names them: by the line of the row, all built-in rows under 0. Counters of 0
 * are left out.
 */
export function countsByLine(table: StateTable, position: Position): Record<string, number> {
  const counts = table.states.flatMap((block) =>
    block.transitions.map((row) => [row.line, transitionCount(position, block.name, row.value)] as const),
  );
  const all: (readonly [number, number])[] = [[0, position.builtInCount], ...counts];
  return Object.fromEntries(all.filter(([, count]) => count > 0));
}
