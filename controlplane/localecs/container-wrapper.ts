import { shellQuote } from '../../shared/support/shell-quote.ts';
import { END_ORPHANED_CHILDREN } from './subreaper.ts';

// What runs a container is a shell of ours, and the container's environment is anybody's: a PATH, an LD_PRELOAD or an ENV
// in it must not decide which code that shell runs. So the shell has an environment of its own, its programs have
// absolute paths, and the container's variables are set by the very process that becomes the container.

/**
 * Outlives local ECS and writes down what only a parent learns: the exit code. The pid and its start time come first, so
 * that a container is found again even when local ECS died right after the spawn; by a link, which fails when there is
 * one, so that one directory never holds two containers. A rename, because a reader must see a whole file or none.
 * Descriptor 3 is the script of `entryScript`.
 */
export const WRAPPER = `
pid_file=$1 exit_file=$2; shift 2
echo "$$ $(/usr/bin/cut -d' ' -f22 "/proc/$$/stat" 2>/dev/null)" >"$pid_file.$$" && /bin/ln "$pid_file.$$" "$pid_file" || exit 125
( . /proc/self/fd/3 )
code=$?
echo "$code" >"$exit_file.tmp" && /bin/mv "$exit_file.tmp" "$exit_file"
${END_ORPHANED_CHILDREN}
exit "$code"
`;

/** Of the wrapper itself; `root` is how a container's processes are found. */
export function wrapperEnvironment(root: string): Record<string, string> {
  return { PATH: '/usr/bin:/bin', WIP_AGENT_ROOT: root };
}

// What a shell refuses to set, or means something by: dash(1), "Special variables", and bash(1), "Shell Variables".
const SPECIAL =
  /^(BASH.*|COMP_.*|DIRSTACK|ENV|EPOCH.*|EUID|FUNCNAME|GROUPS|HISTCMD|IFS|LINENO|OPTARG|OPTIND|PIPESTATUS|POSIXLY_CORRECT|PPID|PS[0-4]|RANDOM|SECONDS|SHELLOPTS|SRANDOM|UID|_)$/;

/**
 * Sets the variables of a container and becomes its entrypoint, "$@". Throws for what no environment can hold: the text
 * becomes the task's stop reason.
 */
export function entryScript(environment: Readonly<Record<string, string>>): string {
  const entries = Object.entries(environment);
  const impossible = entries.find(([name, value]) => name === '' || /[=\0]/.test(name) || value.includes('\0'));
  if (impossible) {
    throw new Error(
      `CannotStartContainerError: the variable ${JSON.stringify(impossible[0])} fits into no environment`,
    );
  }
  const isPlain = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !SPECIAL.test(name);
  const exported = entries
    .filter(([name]) => isPlain(name))
    .map(([name, value]) => `export ${name}=${shellQuote(value)}`);
  // Through arguments, which other users of the machine see for an instant, go only names that a shell cannot set.
  const others = entries.filter(([name]) => !isPlain(name)).map(([name, value]) => shellQuote(`${name}=${value}`));
  const entry = others.length === 0 ? 'exec "$@"' : `exec /usr/bin/env -- ${others.join(' ')} "$@"`;
  return [...exported, 'exec 3<&-', entry, ''].join('\n');
}
