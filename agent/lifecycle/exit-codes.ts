import type { StopCause } from '../../shared/model/stop-cause.ts';

/**
 * The agent's exit code by the first cause of its end. 70 to 75 are free for us: a shell or the build means something
 * by codes below 64, and of sysexits.h the agent uses only the codes further down. 143 is 128 + SIGTERM, as every
 * supervisor expects after a SIGTERM.
 */
export const STOP_EXIT_CODE: Record<StopCause, number> = {
  'shutdown-file': 0,
  'limit-disk': 70,
  'limit-inodes': 71,
  'limit-time': 72,
  'no-progress': 73,
  'host-disk-pressure': 74,
  internal: 75,
  'enrolment-void': 77,
  sigterm: 143,
  spot: 143,
};

// sysexits.h
/** The command line is wrong. */
export const EX_USAGE = 64;
/** The control plane refused the enrolment. */
export const EX_NOPERM = 77;
/** The configuration cannot be used. */
export const EX_CONFIG = 78;
