import { shellQuote } from '../../../shared/text/shell-quote.ts';
import { refuseImpossibleVariables } from '../input/container-environment.ts';
import { END_ORPHANED_CHILDREN } from './subreaper.ts';

// A container is run by a shell of ours, while its environment is given by others: a PATH, an LD_PRELOAD or an ENV in
// it must not decide which code that shell runs. So the shell has an environment of its own, its programs have absolute
// paths, and the container's variables are set by the very process that becomes the container.

/**
 * Runs a container, outlives local ECS, and writes down the exit code, which only a parent learns. The pid and its
 * start time are written first, so that a container is found again even when local ECS died right after the spawn. A
 * link creates that file, because it fails when the file exists: one directory never holds two containers. Whether it was
 * made is asked of the file, because the container may be killed, and with it the program that makes the link, as soon as
 * the link is there. The shell itself writes the exit code: whoever kills the container kills all that the wrapper starts, until the wrapper is gone.
 * Descriptor 3 is the script of `entryScript`.
 */
export const WRAPPER = `
pid_file=$1 exit_file=$2; shift 2
echo "$$ $(/usr/bin/cut -d' ' -f22 "/proc/$$/stat" 2>/dev/null)" >"$pid_file.$$" || exit 125
/bin/ln "$pid_file.$$" "$pid_file"; [ "$pid_file.$$" -ef "$pid_file" ] || exit 125
( . /proc/self/fd/3 )
code=$?
echo "$code" >"$exit_file"
${END_ORPHANED_CHILDREN}
exit "$code"
`;

/** Returns the environment of the wrapper itself. The processes of a container are found by `root`. */
export function wrapperEnvironment(root: string): Record<string, string> {
  return { PATH: '/usr/bin:/bin', WIP_AGENT_ROOT: root };
}

// Variables that a shell refuses to set, or gives a meaning: dash(1), "Special variables", and bash(1), "Shell
// Variables".
const SPECIAL =
  /^(BASH.*|COMP_.*|DIRSTACK|ENV|EPOCH.*|EUID|FUNCNAME|GROUPS|HISTCMD|IFS|LINENO|OPTARG|OPTIND|PIPESTATUS|POSIXLY_CORRECT|PPID|PS[0-4]|RANDOM|SECONDS|SHELLOPTS|SRANDOM|UID|_)$/;

/**
 * Returns a script that sets the variables of a container and becomes its entrypoint, "$@". Throws for variables that
 * no environment can hold: the message becomes the task's stop reason.
 */
export function entryScript(environment: Readonly<Record<string, string>>): string {
  const entries = Object.entries(environment);
  refuseImpossibleVariables(environment);
  const isPlain = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !SPECIAL.test(name);
  const exported = entries
    .filter(([name]) => isPlain(name))
    .map(([name, value]) => `export ${name}=${shellQuote(value)}`);
  // Only names that a shell cannot set travel as arguments: other users of the machine see those for an instant.
  const others = entries.filter(([name]) => !isPlain(name)).map(([name, value]) => shellQuote(`${name}=${value}`));
  const entry = others.length === 0 ? 'exec "$@"' : `exec /usr/bin/env -- ${others.join(' ')} "$@"`;
  return [...exported, 'exec 3<&-', entry, ''].join('\n');
}
