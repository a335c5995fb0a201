import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';

/** A Unix account as commands need it. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  /** Supplementary groups, without the primary one. */
  readonly groups: readonly number[];
}

/** Finds an account in the text of /etc/passwd and /etc/group. Node does not offer getpwnam. */
export function findAccount(name: string, passwd: string, group: string): Account | undefined {
  for (const line of passwd.split('\n')) {
    const [user, , uid, gid, , home, shell] = line.split(':');
    if (user !== name || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) continue;
    return {
      name,
      uid: Number(uid),
      gid: Number(gid),
      home: home || '/',
      shell: shell || '/bin/sh',
      groups: groupsOf(name, Number(gid), group),
    };
  }
  return undefined;
}

function groupsOf(name: string, primary: number, group: string): number[] {
  return group
    .split('\n')
    .map((line) => line.split(':'))
    .filter(
      ([, , gid, members]) => gid !== undefined && Number(gid) !== primary && (members ?? '').split(',').includes(name),
    )
    .map(([, , gid]) => Number(gid));
}

export function readAccount(name: string): Account | undefined {
  return findAccount(name, readFileSync('/etc/passwd', 'utf8'), readFileSync('/etc/group', 'utf8'));
}

/** Returns the account of the agent itself. In a container its uid may have no entry in /etc/passwd. */
export function currentAccount(): Account {
  try {
    const { username, uid, gid, homedir, shell } = userInfo();
    return { name: username, uid, gid, home: homedir, shell: shell ?? '/bin/sh', groups: [] };
  } catch {
    // userInfo throws when the uid has no entry; its number then serves as the name, as `ls -l` does it.
    const uid = process.getuid?.() ?? 0;
    return { name: String(uid), uid, gid: process.getgid?.() ?? 0, home: '/', shell: '/bin/sh', groups: [] };
  }
}

/** The shell that runs a command line of this account. An account that may not log in has none, but may run builds. */
export function shellOf(account: Account): string {
  return /\/(nologin|false)$/.test(account.shell) ? '/bin/sh' : account.shell;
}
