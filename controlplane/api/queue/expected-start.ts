/** The state of a group's slots at one moment. */
export interface SlotOutlook {
  readonly now: Date;
  readonly maxRunning: number;
  /** When each task that holds a slot has started. */
  readonly runningSince: readonly Date[];
  /** The usual duration of a task of the group. */
  readonly runSeconds: number;
}

/** The position of one task in that queue. */
export interface QueuePosition {
  /** Number of tasks that start before this one. */
  readonly ahead: number;
  /** When the task that works on the same target started; null: no task does. */
  readonly holderSince: Date | null;
}

// Tasks behind this position get no estimate: it would mean nothing, and each task costs a pass of the loop.
const MAX_AHEAD = 10_000;

/**
 * Returns when each queued task is expected to start, in the order of `positions`. Assumes that every task takes the usual time,
 * that free slots go to tasks in queue order, and that a task which has already run longer is about to end. Null: no estimate is
 * possible.
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
  // After the maximum was lowered more tasks run than it allows, and the first ones to end free no slot.
  const taken = ends.slice(Math.max(0, ends.length - maxRunning));
  // Free slots beyond the number of tasks make no difference.
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
