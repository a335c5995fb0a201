import { SSH_ALGORITHMS } from '../../shared/protocol/ssh.ts';

export interface SshdRules {
  readonly host: string;
  readonly port: number;
  /** Holds the host key and, per user, the keys that may log in. */
  readonly directory: string;
  readonly users: readonly string[];
  readonly isRoot: boolean;
  /** Whether this sshd and this image can ask PAM; without it an account with a locked password may not log in. */
  readonly hasPam: boolean;
  /** Given to every command that is not the workload user's. */
  readonly environment: Readonly<Record<string, string>>;
  /** Given to the workload user's commands: a build's PATH or LD_PRELOAD must not lead those of root. */
  readonly workload: { readonly user: string; readonly environment: Readonly<Record<string, string>> };
}

/**
 * bash that sshd starts reads ~/.bashrc unless it believes to be a shell within a shell. What an image's .bashrc prints
 * or waits for is no part of a command here, as it is none with the embedded server.
 */
const WITHIN_A_SHELL = { SHLVL: '1' };

/** sshd_config(5) with the rules of the embedded server: keys only, ed25519 only, exec and sftp, no forwarding. */
export function printSshdConfig(rules: SshdRules): string {
  const { directory } = rules;
  const { kex, serverHostKey, cipher, hmac } = SSH_ALGORITHMS;
  const settings: [string, string][] = [
    ['ListenAddress', `${rules.host}:${rules.port}`],
    ['HostKey', `${directory}/host_key`],
    ['PidFile', 'none'],
    ['AllowUsers', rules.users.join(' ')],
    ['AuthenticationMethods', 'publickey'],
    ['PasswordAuthentication', 'no'],
    ['KbdInteractiveAuthentication', 'no'],
    ['PermitRootLogin', 'prohibit-password'],
    ['UsePAM', rules.hasPam ? 'yes' : 'no'],
    // sshd reads a file of keys as the user who logs in, who has no way into this directory; a command runs as root.
    ...(rules.isRoot
      ? ([
          ['AuthorizedKeysFile', 'none'],
          ['AuthorizedKeysCommand', `/bin/cat ${directory}/keys-%u`],
          ['AuthorizedKeysCommandUser', 'root'],
        ] as [string, string][])
      : ([['AuthorizedKeysFile', `${directory}/keys-%u`]] as [string, string][])),
    ['StrictModes', 'no'],
    ['LoginGraceTime', '15'],
    // As many as the embedded server takes; sshd's own defaults are 10 of each.
    ['MaxStartups', '16'],
    ['MaxSessions', '128'],
    ['MaxAuthTries', '3'],
    ['KexAlgorithms', kex.join(',')],
    ['HostKeyAlgorithms', serverHostKey.join(',')],
    ['PubkeyAcceptedAlgorithms', serverHostKey.join(',')],
    ['Ciphers', cipher.join(',')],
    ['MACs', hmac.join(',')],
    ['DisableForwarding', 'yes'],
    ['PermitTTY', 'no'],
    ['PermitUserRC', 'no'],
    ['AcceptEnv', '*'],
    ['SetEnv', printEnvironment(rules.environment)],
    ['Subsystem', 'sftp internal-sftp'],
    ['PrintMotd', 'no'],
    ['PrintLastLog', 'no'],
    ['UseDNS', 'no'],
    ['LogLevel', 'ERROR'],
    // What follows is only for this user, and replaces the SetEnv above.
    ['Match', `User ${rules.workload.user}`],
    ['SetEnv', printEnvironment(rules.workload.environment)],
  ];
  return settings.map(([name, value]) => `${name} ${value}\n`).join('');
}

/** One line: sshd takes the first SetEnv and ignores others. */
function printEnvironment(environment: Readonly<Record<string, string>>): string {
  return Object.entries({ ...environment, ...WITHIN_A_SHELL })
    .flatMap(quoted)
    .join(' ');
}

/** A line of sshd_config has no way to write a line break: such a variable is left out. */
function quoted([name, value]: [string, string]): string[] {
  return /[\r\n\0]/.test(value) ? [] : [`"${name}=${value.replaceAll(/["\\]/g, '\\$&')}"`];
}
