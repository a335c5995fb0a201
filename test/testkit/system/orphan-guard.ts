import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';

// The shell waits for the end of its input, which comes when this process ends, however it ends. After a close in order
// the directory is gone and there is nothing to do. Otherwise the database is asked to end at once, then everything that
// has the directory in its command line or environment is killed: nodes, containers, and what they started.
const SCRIPT = `
cat >/dev/null
[ -d "$1" ] || exit 0
pid_file="$1/db/data/postmaster.pid"
for pid_file in "$1"/db/*/postmaster.pid; do
  [ -f "$pid_file" ] && read -r pid <"$pid_file" && kill -QUIT "$pid"
  tries=0
  while [ -f "$pid_file" ] && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
done
for process in /proc/[0-9]*; do
  [ "$process" = "/proc/$$" ] && continue
  grep -qaF -- "$1" "$process/cmdline" "$process/environ" && kill -KILL "\${process#/proc/}"
done
rm -rf "$1"
`;

/** Cleans up after a test process that was killed. */
export interface OrphanGuard {
  /** Ends the guard. What is left of the directory by now is cleaned up. */
  close(): Promise<void>;
}

/** Starts a guard of everything below this directory. It outlives this process, and Ctrl-C does not reach it. */
export function startOrphanGuard(directory: string): OrphanGuard {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'wip-testkit-guard', directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: '/usr/bin:/bin' },
  });
  guard.unref();
  (guard.stdin as Socket | null)?.unref();
  const ended = once(guard, 'exit');
  return {
    async close() {
      guard.ref();
      guard.stdin?.end();
      await ended;
    },
  };
}
