import { classKey, type ClassVersion, type LivingClasses } from '../../../tasks/checks/class-versions.ts';

/** Completes "It waits because …"; null: a living node has the class, or it is not known. */
export function missingClass(task: ClassVersion, living: LivingClasses): string | null {
  if (living === null || living.has(classKey(task))) return null;
  return `no living node has version ${task.classVersion} of ${task.kind}`;
}

/** What people can do about it, without the final full stop. */
export const MISSING_CLASS_REMEDY = 'Start a node that has it, or one whose version of it migrates such tasks';

/** The same of a task whose end was requested. */
export const CLASSLESS_END =
  'Nothing to do: its container is stopped and it is ended without its class, a minute after the request';
