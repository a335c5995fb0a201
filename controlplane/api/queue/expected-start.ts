/** What is known of the slots of a group when one looks at its queue. */
export interface SlotOutlook {
  readonly now: Date;
  readonly maxRunning: number;
  /** When each task that holds a slot has started. */
  readonly runningSince: readonly Date[];
  /** What tasks of the group usually take. */
  readonly runSeconds: number;
}

/** The position of one task in that queue. */
export interface QueuePosition {
  /** Number of tasks that start before this one. */
  readonly ahead: number;
  /** When the task that works on the same target has started; null: none does. */
  readonly holderSince: Date | null;
}

// An estimate so far ahead says nothing, and costs a turn of the loop for each task.
const MAX_AHEAD = 10_000;

/**
 * Returns when queued tasks start, if each task takes as long as usual: slots are given away in the order of the queue as
 * they get free. A task that already runs for longer than usual counts as about to end. Null where nothing can be said.
 */
export function expectedStarts(outlook: SlotOutlook, positions: readonly QueuePosition[]): (Date | null)[] {
  if (outlook.maxRunning <= 0) return positions.map(() => null);
  const known = positions.filter(({ ahead }) => ahead <= MAX_AHEAD).map(({ ahead }) => ahead + 1);
  const slotsMs = slotTimes(outlook, Math.max(0, ...known));
  return positions.map(({ ahead, holderSince }) => {
    const slotMs = slotsMs[ahead];
    if (slotMs === undefined) return null;
    return new Date(holderSince ? Math.max(slotMs, endMs(outlook, holderSince)) : slotMs);
  });
}

/** Returns when each of the first tasks of the queue gets a slot, in milliseconds since 1970. */
function slotTimes(outlook: SlotOutlook, count: number): number[] {
  const { now, maxRunning, runningSince, runSeconds } = outlook;
  const ends = runningSince.map((since) => endMs(outlook, since)).sort((a, b) => a - b);
  // Above a maximum that was lowered, the first ends free no slot.
  const taken = ends.slice(Math.max(0, ends.length - maxRunning));
  // More free slots than there are tasks for them make no difference.
  const free = Math.min(maxRunning - taken.length, count);
  const freeAt = [...Array.from({ length: free }, () => now.getTime()), ...taken];
  return Array.from({ length: count }, () => {
    const slotMs = freeAt.shift() ?? now.getTime();
    const next = slotMs + runSeconds * 1_000;
    const index = freeAt.findLastIndex((at) => at <= next) + 1;
    freeAt.splice(index, 0, next);
    return slotMs;
  });
}

function endMs({ now, runSeconds }: SlotOutlook, since: Date): number {
  return Math.max(now.getTime(), since.getTime() + runSeconds * 1_000);
}
