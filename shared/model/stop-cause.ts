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

const STOP_CAUSES: ReadonlySet<unknown> = new Set(StopCause.options);

export function isStopCause(value: unknown): value is StopCause {
  return STOP_CAUSES.has(value);
}
