import { spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { ownBash } from './step/own-bash.ts';

/** Ends the programs and removes the private files of a build tool that can do neither, because it was killed by SIGKILL. */
export interface BuildGuard {
  /** Told of the session of each program that was started: the steps, and git. */
  watchSession(sessionId: number): void;
  /** Told of a session of which nothing is left: its number may be another one's soon. */
  forgetSession(sessionId: number): void;
  /** Told of each directory with keys or scripts, which goes with the tool. */
  watchDirectory(directory: string): void;
  /** Told of the mark of the processes of this build, where it is not that of the caller too. */
  watchMark(mark: string): void;
  /** The tool has ended its programs and removes its files itself. */
  release(): Promise<void>;
}

// No process can act on its own SIGKILL, and the kernel's signal at a parent's death (prctl, PR_SET_PDEATHSIG) reaches the shell
// of a step only, not what that has started. So a second process waits for the end of a pipe that the tool alone holds.
// A process is known as in left-processes.ts: by its session, or by the mark in the environment that it was started with.
// The limits are those of a build that is told to end: 3 s between TERM and KILL, then 2 s of tries.
const GUARD = `
sessions=' ' directories=() mark=
while read -r word value; do
  case $word in
    session) sessions+="$value " ;;
    over) sessions=\${sessions/" $value "/ } ;;
    directory) directories+=("$value") ;;
    mark) mark=$value ;;
    end) exit ;;
  esac
done
is_marked() {
  [[ $mark ]] || return
  local variable
  while IFS= read -r -d '' variable; do [[ $variable == "WIP_PROCESS=$mark" ]] && return; done <"/proc/$1/environ"
  return 1
}
told=' '
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
rm -rf -- "\${directories[@]}"
`;

/** `programPath` is the PATH of the build, for machines that have their programs elsewhere. */
export function startBuildGuard(programPath: string): BuildGuard {
  const env = { PATH: `/usr/bin:/bin:${programPath}` };
  // In a session of its own, so that the keys of a terminal do not end it with the tool.
  const stdio: StdioOptions = ['pipe', 'ignore', 'ignore'];
  const child = spawn('bash', ownBash(GUARD, 'wip-build-guard'), { cwd: '/', env, stdio, detached: true });
  const pipe = child.stdin;
  if (!pipe) throw new Error('spawn gave no pipe');
  // Without bash there is no step to guard either, and a guard that a step has ended hears nothing any more.
  child.on('error', () => undefined);
  pipe.on('error', () => undefined);
  // A build that ends in another way must not wait for it.
  child.unref();
  const tell = (word: string, value: string | number): void => void pipe.write(`${word} ${value}\n`);
  return {
    watchSession: (sessionId) => tell('session', sessionId),
    forgetSession: (sessionId) => tell('over', sessionId),
    watchDirectory: (directory) => {
      // It would be two lines, and the first of them another directory.
      if (!directory.includes('\n')) tell('directory', directory);
    },
    watchMark: (mark) => tell('mark', mark),
    async release() {
      pipe.end('end\n');
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      child.ref();
      await once(child, 'exit');
    },
  };
}
