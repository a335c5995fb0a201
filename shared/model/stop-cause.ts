import { z } from 'zod';

/** Why an agent stops its container. The first cause wins; all that came are listed beside it. */
export const StopCause = z.enum([
  'shutdown-file',
  'limit-disk',
  'limit-inodes',
  'limit-time',
  'host-disk-pressure',
  'no-progress',
  'sigterm',
  'spot',
  'enrolment-void',
  'internal',
]);
export type StopCause = z.infer<typeof StopCause>;

/** Causes that the build itself brought about, so that its end is the user's error and not the system's. */
const USER_CAUSES: ReadonlySet<StopCause> = new Set(['limit-disk', 'limit-inodes', 'limit-time', 'no-progress']);

export function isUserCause(cause: StopCause): boolean {
  return USER_CAUSES.has(cause);
}
