import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { BuildMark } from './left-processes.ts';

/** Ends the steps and removes the private files of a build tool that can do neither, because it was killed by SIGKILL. */
export interface StepGuard {
  /** Called with the session of each step that was started. */
  watchSession(sessionId: number): void;
  /** The tool has ended its steps and removes its files itself. */
  release(): Promise<void>;
}

// No process can act on its own SIGKILL, and the kernel's signal at a parent's death (prctl, PR_SET_PDEATHSIG) reaches the shell
// of a step only, not what that has started. So a second process waits for the end of a pipe that the tool alone holds.
// Arguments: the mark of the build or nothing, and the private directory. The first words of the input are sessions.
// A process is known as in left-processes.ts: by its session, or by the mark in the environment that it was started with.
// The limits are those of a build that is told to end: 3 s between TERM and KILL, then 2 s of tries.
const GUARD = `
sessions=' '
while read -r word; do
  [[ $word == end ]] && exit
  sessions+="$word "
done
is_marked() {
  [[ $mark ]] || return
  local variable
  while IFS= read -r -d '' variable; do [[ $variable == "WIP_PROCESS=$mark" ]] && return; done <"/proc/$1/environ"
  return 1
}
mark=$1 told=' '
for ((round = 0; round < 50; round++)); do
  left=
  for directory in /proc/[0-9]*; do
    pid=\${directory#/proc/} stat=
    read -r -d '' stat <"$directory/stat"
    fields=(\${stat##*)})
    [[ $stat && \${fields[0]} != Z ]] || continue
    [[ $sessions == *" \${fields[3]} "* ]] || is_marked "$pid" || continue
    left=1
    if ((round >= 30)); then kill -KILL "$pid"
    elif [[ $told != *" $pid "* ]]; then kill -TERM "$pid"; told+="$pid "
    fi
  done
  [[ $left ]] || break
  sleep 0.1
done
rm -rf -- "$2"
`;

/** `programPath` is the PATH of the build, for machines that have their programs elsewhere. */
export function startStepGuard(
  { mark, isOfAgent }: BuildMark,
  privateDirectory: string,
  programPath: string,
): StepGuard {
  // A mark of the agent is also that of whatever called the tool, which goes on.
  const args = ['-c', GUARD, 'step-guard', isOfAgent ? '' : mark, privateDirectory];
  const env = { PATH: `/usr/bin:/bin:${programPath}` };
  // In a session of its own, so that the keys of a terminal do not end it with the tool.
  const child = spawn('bash', args, { cwd: '/', env, stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  // Without bash there is no step to guard either, and a guard that a step has ended hears nothing any more.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  // A build that ends in another way must not wait for it.
  child.unref();
  return {
    watchSession: (sessionId) => void child.stdin.write(`${sessionId}\n`),
    async release() {
      child.stdin.end('end\n');
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      await once(child, 'exit');
    },
  };
}
