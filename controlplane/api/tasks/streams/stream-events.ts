/**
 * The position of a reader in each of the three recordings. Every event has it as its id, so a reader can resume after
 * any.
 */
export interface Cursor {
  readonly step: number;
  readonly log: number;
  readonly output: number;
}

export const START: Cursor = { step: 0, log: 0, output: 0 };

function formatCursor(cursor: Cursor): string {
  return `${cursor.step}-${cursor.log}-${cursor.output}`;
}

/** Returns the event id from which a reader gets all states and logs, and the output after the piece `output`. */
export function afterOutput(output: number): string {
  return formatCursor({ ...START, output });
}

export function parseCursor(text: string): Cursor | undefined {
  const found = /^(\d{1,15})-(\d{1,15})-(\d{1,15})$/.exec(text);
  return found ? { step: Number(found[1]), log: Number(found[2]), output: Number(found[3]) } : undefined;
}

/**
 * One Server-Sent Event, one text after the other. `json` has no line breaks (JSON.stringify escapes them), so one data line
 * holds it.
 */
export function formatEvent(event: string, cursor: Cursor, json: readonly string[]): string[] {
  return [`id: ${formatCursor(cursor)}\nevent: ${event}\ndata: `, ...json, '\n\n'];
}

/** Merges lists by time but keeps the order within each list: a cursor that moves along a list must not skip a record with a smaller id. */
export function mergeByTime<T extends { readonly at: string }>(lists: readonly (readonly T[])[]): T[] {
  const queues = lists.map((list) => ({ list, next: 0 }));
  const merged: T[] = [];
  for (;;) {
    let earliest: { queue: (typeof queues)[number]; item: T; time: number } | undefined;
    for (const queue of queues) {
      const item = queue.list[queue.next];
      if (!item) continue;
      const time = Date.parse(item.at);
      if (!earliest || time < earliest.time) earliest = { queue, item, time };
    }
    if (!earliest) return merged;
    earliest.queue.next += 1;
    merged.push(earliest.item);
  }
}
