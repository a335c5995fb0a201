import { connect as connectSocket, type Socket } from 'node:net';
import ssh2, { type Algorithms, type Client } from 'ssh2';
import { OperationalError, messageOf, type OperationalErrorCode } from '../../shared/model/error.ts';
import { SSH_ALGORITHMS } from '../../shared/protocol/ssh.ts';
import { publicKeyBytes } from '../../shared/keys/ssh-key.ts';

export interface AgentEndpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** In OpenSSH format, as createSshKeyPair makes it. */
  readonly privateKey: string;
  /** The host key that was pinned. Any other key is SSH_HOST_KEY. */
  readonly hostKeyLine: string;
  /** Time from the first packet until the login is answered. */
  readonly timeoutMs: number;
  readonly keepaliveMs: number;
  /** Directory for the wrapper, in a container without an agent. Absent: an agent answers. */
  readonly legacyDirectory?: string;
}

// The default of sshd's ClientAliveCountMax: a peer that is silent for so many keepalives is gone.
const MISSED_KEEPALIVES = 3;

type Stage = 'connecting' | 'key-exchange' | 'login';

/** The stage that a connection reached and the error that ended it: enough to classify the failure. */
interface Failure {
  readonly stage: Stage;
  readonly error: (Error & { level?: string; code?: unknown }) | undefined;
  readonly isOtherHostKey: boolean;
}

/** Returns a connection whose login was accepted. Always settles, whatever the peer sends or leaves out. */
export async function openConnection(
  endpoint: Omit<AgentEndpoint, 'hostKeyLine'>,
  isTrusted: (key: Buffer) => boolean,
): Promise<Client> {
  const client = new ssh2.Client();
  const socket = connectSocket({ host: endpoint.host, port: endpoint.port, noDelay: true });
  let stage: Stage = 'connecting';
  let isOtherHostKey = false;
  socket.once('connect', () => (stage = 'key-exchange'));
  client.once('handshake', () => (stage = 'login'));

  return new Promise((resolve, reject) => {
    // Errors may come twice, or not at all before 'close'. The first event settles the promise; later ones are ignored.
    const fail = (error?: Error): void => {
      reject(connectionError(endpoint, { stage, error, isOtherHostKey }));
      socket.destroy();
    };
    client.on('error', fail);
    client.once('close', () => fail());
    socket.once('error', fail);
    socket.once('close', () => fail());
    client.once('ready', () => resolve(client));
    startLogin(client, socket, endpoint, (key) => {
      isOtherHostKey = !isTrusted(key);
      return !isOtherHostKey;
    });
  });
}

/** Returns what trusts this one host key. */
export function pinnedTo(hostKeyLine: string): (key: Buffer) => boolean {
  const pinned = publicKeyBytes(hostKeyLine);
  return (key) => key.equals(pinned);
}

function startLogin(
  client: Client,
  socket: Socket,
  endpoint: Omit<AgentEndpoint, 'hostKeyLine'>,
  isPinned: (key: Buffer) => boolean,
): void {
  client.connect({
    sock: socket,
    username: endpoint.user,
    privateKey: endpoint.privateKey,
    authHandler: ['publickey'],
    algorithms: SSH_ALGORITHMS as unknown as Algorithms, // the type demands mutable arrays
    hostVerifier: isPinned,
    strictVendor: false, // otherwise ssh2 opens channels to Unix sockets only at a server that calls itself OpenSSH
    readyTimeout: endpoint.timeoutMs,
    keepaliveInterval: endpoint.keepaliveMs,
    keepaliveCountMax: MISSED_KEEPALIVES,
  });
}

const REMEDY: Partial<Record<OperationalErrorCode, string>> = {
  SSH_REFUSED:
    'The container may not listen yet, or security groups may not let this node in: try again, then look at both',
  SSH_TIMEOUT: 'Look at security groups and routes between this node and the container, and try again',
  SSH_KEY_EXCHANGE: 'The agent may just be starting or ending: try again',
  SSH_AUTH: 'Look at the log of the agent; its enrolment may have been answered by another control plane',
  SSH_HOST_KEY: 'Do not send anything there: the address belongs to another container, or somebody is in between',
};

function connectionError(endpoint: Pick<AgentEndpoint, 'host' | 'port' | 'user'>, failure: Failure): OperationalError {
  const { code, what } = classify(failure);
  return new OperationalError(code, {
    happened: `SSH to ${endpoint.host} port ${endpoint.port} as ${endpoint.user} failed: ${what}`,
    remedy: REMEDY[code] ?? 'Try again',
    cause: failure.error,
  });
}

/** Assigns one of the five classes that decide the liveness of a container. */
function classify({ stage, error, isOtherHostKey }: Failure): { code: OperationalErrorCode; what: string } {
  if (isOtherHostKey) return { code: 'SSH_HOST_KEY', what: 'another host key was presented than the one enrolled' };
  const why = error ? `: ${messageOf(error)}` : '';
  if (error?.level === 'client-timeout' || error?.code === 'ETIMEDOUT') {
    return { code: 'SSH_TIMEOUT', what: `no answer during ${stage === 'connecting' ? 'the connection' : stage}${why}` };
  }
  // A reset can arrive before the event that the connection stands.
  const wasThere = stage !== 'connecting' || error?.code === 'ECONNRESET';
  if (!wasThere) return { code: 'SSH_REFUSED', what: `there is no connection${why}` };
  if (stage === 'login' && error?.level === 'client-authentication') {
    return { code: 'SSH_AUTH', what: 'the agent does not accept the key of this container' };
  }
  return { code: 'SSH_KEY_EXCHANGE', what: `the connection ended before the login was answered${why}` };
}
