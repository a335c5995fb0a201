import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';

// The shell waits for the end of its input, which comes when this process ends, however it ends. It is told the directory and
// the log through that input: its own command line must not have the directory, by which it finds the processes to end.
// After a close in order the directory is gone and there is nothing to do. Otherwise
// - the database is asked to end at once: killed, it would leave its shared memory in /dev/shm;
// - everything that has the directory in its command line or environment is killed: nodes, containers, and what they started.
//   It is repeated, because a process that is ending may have started another one meanwhile;
// - what lies elsewhere is removed: sockets and last words of agents (shared/system/agent-files.ts), and data of a database
//   whose user cannot get below the directory (data-directory.ts).
const SCRIPT = `
IFS= read -r directory
IFS= read -r log
while IFS= read -r word; do [ "$word" = keep-log ] && log=; done
[ -n "$directory" ] && [ -d "$directory" ] || exit 0

users_of() { printf '%s\\n' "$1" | grep -lasF -f - /proc/[0-9]*/cmdline /proc/[0-9]*/environ | cut -d / -f 3 | sort -u; }
signal_users_of() {
  for pid in $(users_of "$2"); do kill "-$1" "$pid" && found=yes; done
}
end_users_of() {
  signal=$1
  tries=0
  while found=; signal_users_of "$signal" "$2"; [ -n "$found" ] && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
    [ $tries -gt 50 ] && signal=KILL
  done
}

data=$(cat "$directory/db/server.json" "$directory/server.json" | sed -n 's/.*"dataDirectory":"\\([^"]*\\)".*/\\1/p')
[ -n "$data" ] && end_users_of QUIT "$data"
end_users_of KILL "$directory"
for root in "$directory"/ecs/tasks/*; do
  [ -d "$root" ] || continue
  socket=$(printf %s "$root" | sha256sum | cut -c 1-8)
  spool=$(printf %s "$root/var/lib/wip-agent/spool" | sha256sum | cut -c 1-16)
  rm -rf "/tmp/wip-$socket" "/dev/shm/wip-agent-$spool.spool"
done
case $data in
/var/tmp/wip-data-*/data) rm -rf "\${data%/data}" ;;
esac
[ -n "$log" ] && rm -f "$log"
rm -rf "$directory"
`;

/** Cleans up after a test process that was killed. */
export interface OrphanGuard {
  /** The log file stays, whatever happens. */
  keepLog(): void;
  /** Ends the guard. What is left of the directory by now is cleaned up. */
  close(): Promise<void>;
}

/** Starts a guard of everything below this directory, and of the log if there is one. It outlives this process, and Ctrl-C does not reach it. */
export function startOrphanGuard(directory: string, logFile = ''): OrphanGuard {
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'wip-testkit-guard'], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { PATH: '/usr/bin:/bin' },
  });
  guard.unref();
  (guard.stdin as Socket | null)?.unref();
  guard.stdin?.on('error', () => undefined); // somebody has ended the guard
  guard.stdin?.write(`${directory}\n${logFile}\n`);
  const ended = once(guard, 'exit');
  return {
    keepLog: () => void guard.stdin?.write('keep-log\n'),
    async close() {
      guard.ref();
      guard.stdin?.end();
      await ended;
    },
  };
}
