import { OperationalError } from '../model/error.ts';

export interface WantedListener {
  /** The program that listens, as the beginning of a sentence: `The control plane`. */
  readonly who: string;
  readonly host: string;
  readonly port: number;
  /** How people choose another address, and another port. */
  readonly hostOption: string;
  readonly portOption: string;
}

/**
 * Returns the error for a server that cannot listen: PORT_IN_USE, or CONFIG_INVALID for a port that this user may not open and
 * for an address that this machine does not have; otherwise the cause itself.
 */
export function listenFailure({ who, host, port, hostOption, portOption }: WantedListener, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const happened = (why: string): string => `${who} cannot listen on ${host}:${port}: ${why}`;
  switch (code) {
    case 'EADDRINUSE':
      return new OperationalError('PORT_IN_USE', {
        happened: happened('another program does'),
        remedy: `Stop that program, or choose another port with ${portOption} (0 takes a free one)`,
        cause,
      });
    case 'EACCES':
      return new OperationalError('CONFIG_INVALID', {
        happened: happened('this user may not open that port'),
        remedy: `Choose a port from 1024 on with ${portOption}, or let this user open it (on Linux with the capability CAP_NET_BIND_SERVICE)`,
        cause,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new OperationalError('CONFIG_INVALID', {
        happened: happened(
          code === 'EADDRNOTAVAIL' ? 'this machine has no such address' : 'that is the name of no address',
        ),
        remedy: `Give an address of this machine with ${hostOption}, such as 127.0.0.1, or 0.0.0.0 for all of them`,
        cause,
      });
    default:
      return cause;
  }
}
