import type { TaskSummary } from '../api/tasks/task-views.ts';

type KnownFault = NonNullable<TaskSummary['fault']>;

/** Whose doing a failure was: the same words on each page, and in the command line. */
export const FAULT_LABELS: Readonly<Record<KnownFault, string>> = {
  user: 'the build',
  system: 'Wip, or what it runs on',
  configuration: 'the configuration',
  capacity: 'no capacity',
  spot: 'Spot machine taken back',
};

/** At the beginning of a cell or a choice. */
export function faultTitle(fault: KnownFault | null): string {
  const label = fault === null ? 'not known' : FAULT_LABELS[fault];
  return `${label.charAt(0).toUpperCase()}${label.slice(1)}`;
}
