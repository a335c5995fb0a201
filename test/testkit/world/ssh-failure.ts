import { OperationalError, type OperationalErrorCode } from '../../../shared/model/error.ts';
import type { ConnectionFailure } from '../script.ts';

const CODES = {
  refused: 'SSH_REFUSED',
  timeout: 'SSH_TIMEOUT',
  'key-exchange': 'SSH_KEY_EXCHANGE',
  auth: 'SSH_AUTH',
  'host-key': 'SSH_HOST_KEY',
  channel: 'SSH_CHANNEL',
} as const satisfies Record<ConnectionFailure, OperationalErrorCode>;

const HAPPENED: Record<ConnectionFailure, string> = {
  refused: 'The container refuses the connection',
  timeout: 'The container did not answer within 10 s',
  'key-exchange': 'The connection ended before its keys were exchanged',
  auth: 'The container does not accept the key',
  'host-key': 'The container shows another host key than the pinned one',
  channel: 'The SSH connection to the agent has ended',
};

/** The error that SSH gives for a failed connection. */
export function sshFailure(failure: ConnectionFailure): OperationalError {
  return new OperationalError(CODES[failure], { happened: HAPPENED[failure], remedy: 'Connect again' });
}
