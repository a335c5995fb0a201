import type { StreamName } from '../../../shared/protocol/signals.ts';

export const STREAMS = ['stdout', 'stderr'] as const;

export const otherThan = (stream: StreamName): StreamName => (stream === 'stdout' ? 'stderr' : 'stdout');

/** Runs of a process's writes: one or several to one stream, with none to the other between. They alternate. */
export interface Runs {
  readonly first: StreamName;
  readonly count: number;
}

/** Returns how many of the runs are of this stream. */
export function runsOf(stream: StreamName, { first, count }: Runs): number {
  return stream === first ? Math.ceil(count / 2) : Math.floor(count / 2);
}

/** Returns the runs of both, one after the other. */
export function joinRuns(before: Runs, after: Runs): Runs {
  if (before.count === 0) return after;
  if (after.count === 0) return before;
  const last = before.count % 2 === 1 ? before.first : otherThan(before.first);
  return { first: before.first, count: before.count + after.count - (last === after.first ? 1 : 0) };
}
