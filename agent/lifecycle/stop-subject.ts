import { assertNever } from '../../shared/model/assert-never.ts';
import type { StopCause } from '../../shared/model/stop-cause.ts';

/** A process that runs when the container is stopped. */
export interface RunningProcess {
  readonly key: string;
  readonly secondsSinceProgress: number;
}

/** The process that a verdict is about. */
export type StopSubject<T extends RunningProcess> =
  | { readonly kind: 'none' }
  | { readonly kind: 'process'; readonly process: T }
  /** One that still runs, or one that has ended. */
  | { readonly kind: 'unknown'; readonly among: readonly T[] };

/**
 * Decides what is named as running, from the oldest process to the newest. A process that made progress does not stand for
 * one that made none. Nobody knows which of several has written what fills the disk. Every other cause is about the container as a
 * whole, and the newest process says best how far the build had come.
 */
export function stopSubject<T extends RunningProcess>(cause: StopCause, running: readonly T[]): StopSubject<T> {
  const newest = running.at(-1);
  if (!newest) return { kind: 'none' };
  switch (cause) {
    case 'no-progress':
      return {
        kind: 'process',
        process: running.reduce((one, other) => (other.secondsSinceProgress > one.secondsSinceProgress ? other : one)),
      };
    case 'limit-disk':
    case 'limit-inodes':
      return running.length > 1 ? { kind: 'unknown', among: running } : { kind: 'process', process: newest };
    case 'shutdown-file':
    case 'limit-time':
    case 'host-disk-pressure':
    case 'sigterm':
    case 'spot':
    case 'enrolment-void':
    case 'internal':
      return { kind: 'process', process: newest };
    default:
      return assertNever(cause);
  }
}
