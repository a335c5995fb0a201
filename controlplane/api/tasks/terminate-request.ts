import type { TaskView } from './task-views.ts';

/** What the audit has of a task, oldest first. */
interface Audited {
  readonly action: string;
  readonly actor: string;
}

/** Returns when somebody asked to terminate the task, and who asked last. */
export function terminateRequestOf(at: Date | null, audited: readonly Audited[]): TaskView['terminateRequest'] {
  const by = audited.findLast(({ action }) => action === 'terminate')?.actor ?? null;
  return at && { at: at.toISOString(), by };
}
