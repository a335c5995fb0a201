import type { ReconcileReportView } from '../../api/state/state-views.ts';

type Containers = ReconcileReportView['adopted'];

/** A kind of finding of a comparison with ECS, for people. */
export interface FoundLine extends Containers {
  readonly found: string;
  readonly done: string;
}

export function foundLines({ adopted, finished, unowned, unownedAre, unknown }: ReconcileReportView): FoundLine[] {
  const fate =
    unownedAre === 'stopped' ? 'stopped' : 'left alone: the database was restored, and nobody has confirmed it yet';
  const done = (words: string, { count }: Containers): string => (count === 0 ? '–' : words);
  // Containers that run as they should are many, and their names say nothing.
  const quiet = { count: adopted.count, containers: [] };
  return [
    { found: 'known and alive', done: done('adopted', adopted), ...quiet },
    { found: 'known, ended while nobody looked', done: done('noted in its task', finished), ...finished },
    { found: 'ours, owned by no attempt', done: done(fate, unowned), ...unowned },
    { found: 'not answered by ECS', done: done('asked for again', unknown), ...unknown },
  ];
}

/** Whether there is nothing to look at: all that ECS said fits the record. */
export function isClean({ unowned, unknown, unseenClusters }: ReconcileReportView): boolean {
  return unowned.count === 0 && unknown.count === 0 && unseenClusters.length === 0;
}
