import { existsSync } from 'node:fs';
import { OperationalError } from '../../shared/model/error.ts';

/** Where Debian and Red Hat put it. sshd wants to be started by its whole path. */
export const SSHD = '/usr/sbin/sshd';

/** Throws CONFIG_INVALID when the image has no sshd. */
export function requireSshd(configFile: string): void {
  if (existsSync(SSHD)) return;
  throw new OperationalError('CONFIG_INVALID', {
    happened: `${configFile}: [ssh] server = openssh, and the image has no ${SSHD}`,
    remedy: 'Install openssh-server in the image, or write server = embedded',
  });
}
