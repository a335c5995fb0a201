import type { Clock } from '../../../shared/time/clock.ts';

// The agent kills what is left 4 s after it sent TERM for a shutdown file, its shortest grace; this tool has to be
// through before, or it could not say what was happening.
const GRACE_MS = 3_000;
const POLL_MS = 20;

/** Sends TERM to a process group, KILL after the grace, and returns when nothing of it is left to signal. */
export async function endProcessGroup(leaderPid: number, clock: Clock): Promise<void> {
  const deadlineMs = clock.monotonicMs() + GRACE_MS;
  if (!signalGroup(leaderPid, 'SIGTERM')) return;
  while (clock.monotonicMs() < deadlineMs) {
    await clock.sleep(POLL_MS);
    if (!isGroupAlive(leaderPid)) return;
  }
  signalGroup(leaderPid, 'SIGKILL');
}

/** Ends a process group at once: nothing of it has anything to finish. */
export function killProcessGroup(leaderPid: number): void {
  signalGroup(leaderPid, 'SIGKILL');
}

function isGroupAlive(leaderPid: number): boolean {
  return signalGroup(leaderPid, 0);
}

function signalGroup(leaderPid: number, signal: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    process.kill(-leaderPid, signal);
    return true;
  } catch {
    // ESRCH: nobody is left. EPERM: what is left became another user's, and is not ours to end.
    return false;
  }
}
