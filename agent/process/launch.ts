import type { ChildProcess } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { Writable } from 'node:stream';
import { shellQuote } from '../../shared/text/shell-quote.ts';
import { findSystemProgram, spawnSystemProgram } from '../system/system-program.ts';
import type { Account } from './users.ts';

export interface Launch {
  readonly argv: readonly string[];
  readonly account: Account;
  readonly cwd: string;
  readonly environment: Record<string, string>;
  /** Settings of stdin, stdout and stderr. Node makes a socket of `pipe`, which no command of a build should meet. */
  readonly stdio: readonly ['pipe' | 'ignore' | number, 'pipe' | number, 'pipe' | number];
}

// The score is raised so that the kernel's out-of-memory killer takes the build and not the agent, which has to
// report it (500 is half of the range). Node has no hook between fork and exec, so a shell does it; a lowered score
// would need root.
const RAISE_OOM_SCORE = 'echo 500 2>/dev/null >/proc/self/oom_score_adj';
const RUN = `${RAISE_OOM_SCORE}; exec "$@"`;

/** Descriptor from which the shell below reads the environment: the first one after the standard streams. */
const ENVIRONMENT_FD = 3;
// The environment comes through a pipe, because every user of the machine can read arguments. The build's values take
// effect only once this shell, which runs as the build's user, has read them.
const RUN_WITH_ENVIRONMENT = [
  RAISE_OOM_SCORE,
  'PATH=/usr/bin:/bin',
  `eval "$(cat <&${ENVIRONMENT_FD})" 2>/dev/null`,
  `exec ${ENVIRONMENT_FD}<&-`,
  'exec "$@"',
].join('; ');

/** Chooses the way in which a command is started. */
export type LaunchPlan =
  | { readonly kind: 'same-user'; readonly args: readonly string[] }
  /** Node itself changes to this user, who then executes the shell. */
  | { readonly kind: 'other-user'; readonly args: readonly string[]; readonly as: { uid: number; gid: number } }
  /**
   * setpriv changes the user, as root and with an empty environment. The shell loads the environment of the build.
   */
  | { readonly kind: 'other-groups'; readonly args: readonly string[] };

export function planLaunch(argv: readonly string[], account: Account, ownUid: number): LaunchPlan {
  const args = ['-c', RUN, 'sh', ...argv];
  if (account.uid === ownUid || ownUid !== 0) return { kind: 'same-user', args };
  const { uid, gid, groups } = account;
  // Node drops all supplementary groups when it changes the uid, and cannot set others.
  if (groups.length === 0) return { kind: 'other-user', args, as: { uid, gid } };
  const ids = [`--reuid=${uid}`, `--regid=${gid}`, `--groups=${groups.join(',')}`];
  const shell = [findSystemProgram('sh'), '-c', RUN_WITH_ENVIRONMENT, 'sh'];
  return { kind: 'other-groups', args: [...ids, '--', ...shell, ...argv] };
}

/**
 * Returns shell text that sets these variables. `command` keeps a shell running that reserves one of the names and
 * refuses to change it.
 */
export function printExports(environment: Readonly<Record<string, string>>): string {
  return Object.entries(environment)
    .map(([name, value]) => `command export ${name}=${shellQuote(value)}\n`)
    .join('');
}

/** Starts the command in a session and process group of its own, so that a signal for the agent never reaches it. */
export function launch({ argv, account, cwd, environment, stdio }: Launch): ChildProcess {
  const plan = planLaunch(argv, account, process.getuid?.() ?? -1);
  const how = { cwd, session: 'own' } as const;
  if (plan.kind !== 'other-groups') {
    const as = plan.kind === 'other-user' ? { as: plan.as } : {};
    return spawnSystemProgram('sh', plan.args, { ...how, ...as, environment, stdio: [...stdio] });
  }
  const child = spawnSystemProgram('setpriv', plan.args, { ...how, stdio: [...stdio, 'pipe'] });
  const pipe = child.stdio[ENVIRONMENT_FD];
  if (!(pipe instanceof Writable)) throw new Error('spawn gave no pipe for the environment');
  // A command that could not be started, or was killed at once, reads nothing from the pipe.
  pipe.on('error', () => undefined);
  pipe.end(printExports(environment));
  return child;
}

/** Returns the directory, resolved against the account's home, which may not exist in a small image. */
export function workingDirectory(account: Account, cwd: string | undefined): string {
  const home = existsSync(account.home) ? account.home : '/';
  if (cwd === undefined) return home;
  return isAbsolute(cwd) ? cwd : join(account.home, cwd);
}

/**
 * The kernel says that the program is missing where the directory to start in is. Returns undefined when the directory
 * is there.
 */
export function whyNotIn(cwd: string): string | undefined {
  try {
    const stats = statSync(cwd, { throwIfNoEntry: false });
    if (stats?.isDirectory()) return undefined;
    return stats ? 'this is not a directory' : 'there is no such directory';
  } catch {
    return undefined; // the agent may not look there; the kernel's own words are told
  }
}
