import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Account } from './users.ts';

/** What a process of the build gets for an environment; nothing of the agent's own is in it but what is named here. */
export interface EnvironmentParts {
  readonly account: Account;
  /** The image's: it says where the image's tools are. */
  readonly path: string;
  readonly language: string;
  /** Set where the machine's own /tmp is not the build's. */
  readonly temporaryDirectory: string | null;
  readonly layers: readonly Readonly<Record<string, string>>[];
}

/** Later layers win over earlier ones, and all over the account's. */
export function processEnvironment(parts: EnvironmentParts): Record<string, string> {
  const { account } = parts;
  return Object.assign(
    {
      PATH: parts.path,
      HOME: account.home,
      USER: account.name,
      LOGNAME: account.name,
      SHELL: account.shell,
      LANG: parts.language,
      ...(parts.temporaryDirectory === null ? {} : { TMPDIR: parts.temporaryDirectory }),
    },
    ...parts.layers,
  ) as Record<string, string>;
}

export interface Launch {
  readonly argv: readonly string[];
  readonly account: Account;
  readonly cwd: string;
  readonly environment: Record<string, string>;
  readonly stdio: StdioOptions;
}

// Raised so that the kernel's out-of-memory killer takes the build and not the agent, which has to tell of it (500 is
// half of the range). Node has no hook between fork and exec, so a shell does it; a lowered score would need root.
const RAISE_OOM_SCORE = 'echo 500 2>/dev/null >/proc/self/oom_score_adj; exec "$@"';

/** The command as it is really executed, and the ids that Node itself must set. */
export function launchPlan(
  argv: readonly string[],
  account: Account,
  ownUid: number,
): { argv: string[]; uid?: number; gid?: number } {
  const wrapped = ['/bin/sh', '-c', RAISE_OOM_SCORE, 'sh', ...argv];
  if (account.uid === ownUid || ownUid !== 0) return { argv: wrapped };
  // Node drops all supplementary groups when it changes the uid; where the account has some, setpriv sets them.
  if (account.groups.length === 0) return { argv: wrapped, uid: account.uid, gid: account.gid };
  return {
    argv: [
      'setpriv',
      `--reuid=${account.uid}`,
      `--regid=${account.gid}`,
      `--groups=${account.groups.join(',')}`,
      '--',
      ...wrapped,
    ],
  };
}

/** Starts the command in a session and process group of its own, so that a signal for the agent never reaches it. */
export function launch(what: Launch): ChildProcess {
  const { argv, ...ids } = launchPlan(what.argv, what.account, process.getuid?.() ?? -1);
  const [program = '', ...rest] = argv;
  return spawn(program, rest, { ...ids, cwd: what.cwd, env: what.environment, stdio: what.stdio, detached: true });
}

/** Relative to the account's home, which may not exist in a small image. */
export function workingDirectory(account: Account, cwd: string | undefined): string {
  const home = existsSync(account.home) ? account.home : '/';
  if (cwd === undefined) return home;
  return isAbsolute(cwd) ? cwd : join(account.home, cwd);
}
