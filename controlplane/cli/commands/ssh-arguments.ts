import { shellQuote } from '../../../shared/text/shell-quote.ts';

export interface SshTarget {
  readonly host: string;
  readonly port: string;
  readonly user: string;
  /** Type and key; null from a node of an older version, which does not report it. */
  readonly hostKey: string | null;
  /** File of the private key; undefined: those that ssh tries by itself. */
  readonly identity: string | undefined;
}

/**
 * Arguments for ssh(1), version 8.5 or newer. The host key is the one that the agent enrolled with: another one is
 * refused, and the user's known_hosts stays as it is, because containers share addresses.
 */
export function sshArguments({ host, port, user, hostKey, identity }: SshTarget, command: string): string[] {
  const pinned =
    hostKey === null
      ? []
      : [
          `KnownHostsCommand=/bin/echo [${host}]:${port} ${hostKey}`,
          'UserKnownHostsFile=/dev/null',
          'GlobalKnownHostsFile=/dev/null',
          'StrictHostKeyChecking=yes',
        ];
  const options = [...pinned, ...(identity === undefined ? [] : ['IdentitiesOnly=yes'])];
  return [
    '-T', // The agent gives no terminal; see shellCommand.
    ...options.flatMap((option) => ['-o', option]),
    ...(identity === undefined ? [] : ['-i', identity]),
    ...['-p', port, '-l', user, '--', host],
    command,
  ];
}

/** The command that tests whether shellCommand works in the container. */
export const TERMINAL_PROBE = 'command -v script';

/**
 * A login shell on a terminal of its own. The agent's SSH server has none to give, so script(1), which Debian and
 * Red Hat images have, makes one inside the container.
 */
export function shellCommand(size: { readonly columns: number; readonly rows: number }, term: string): string {
  const inside = `stty cols ${size.columns} rows ${size.rows} 2>/dev/null; exec "\${SHELL:-/bin/sh}" -l`;
  return `TERM=${shellQuote(term)} exec script -q -e -c ${shellQuote(inside)} /dev/null`;
}

/** A shell without a terminal: no editing of lines, no job control. */
export const PLAIN_SHELL = 'exec "${SHELL:-/bin/sh}" -i';
/** A shell that reads its commands from a pipe. */
export const PIPED_SHELL = 'exec "${SHELL:-/bin/sh}"';
