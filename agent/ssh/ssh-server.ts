import { createServer, type AddressInfo, type Server as NetServer } from 'node:net';
import ssh2, {
  type Algorithms,
  type ClientInfo,
  type Connection,
  type ParsedKey,
  type PublicKeyAuthContext,
} from 'ssh2';
import { OperationalError } from '../../shared/model/error.ts';
import { SSH_ALGORITHMS } from '../../shared/protocol/ssh.ts';
import type { Log } from '../../shared/system/log.ts';
import { publicKeyBytes, type SshKeyPair } from '../../shared/keys/ssh-key.ts';
import { checkSelf } from './check-self.ts';
import type { CommandRunner, SftpRunner } from './command-runner.ts';
import { decideLogin, type Login, type LoginRules } from './decide-login.ts';
import { forwardSocket } from './forward-socket.ts';
import { serveSession } from './serve-session.ts';
import { ConnectionLimiter } from './connection-limiter.ts';

/** Options of both servers: the embedded one and OpenSSH's. */
export interface SshLoginOptions {
  readonly host: string;
  /** 0 takes any free port; the answer says which. */
  readonly port: number;
  readonly hostKey: SshKeyPair;
  /** Enrolment's keys: root or the workload user, exec, sftp, and the agent API. */
  readonly clientKeys: readonly string[];
  /** May log in as the workload user only: exec and sftp, never the agent API. */
  readonly developerKey?: string;
  readonly workloadUser: string;
  /** Whether the agent runs as root. When not, every session is the workload user's, whatever name it logs in with. */
  readonly isRoot: boolean;
  readonly log: Log;
}

export interface SshServerOptions extends SshLoginOptions {
  /** Where the agent API really listens; AGENT_SOCKET is mapped to it. */
  readonly socketPath: string;
  readonly runCommand: CommandRunner;
  readonly runSftp: SftpRunner;
}

export interface SshServer {
  readonly port: number;
  /** Connects to itself and exchanges keys; rejects when what answers does not hold the announced host key. */
  selfCheck(): Promise<void>;
  /** No new logins, commands or transfers; what runs goes on, and the agent API stays reachable for who is in. */
  freeze(): void;
  close(): Promise<void>;
}

// sshd's MaxAuthTries is 6; 3 is enough for a client that has one key.
const MAX_FAILED_LOGINS = 3;

/** Starts the embedded server; rejects with CONFIG_INVALID for keys it cannot read and PORT_IN_USE for its port. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const server = new EmbeddedServer(options);
  await server.listen();
  return server;
}

class EmbeddedServer implements SshServer {
  port = 0;
  readonly #options: SshServerOptions;
  readonly #rules: LoginRules;
  readonly #limiter = new ConnectionLimiter();
  /** Ours and not the one inside ssh2, which tells nobody of a connection before its first line. */
  readonly #listener: NetServer;
  #isFrozen = false;

  constructor(options: SshServerOptions) {
    this.#options = options;
    this.#rules = {
      clientKeys: options.clientKeys.map((line) => readKey(line).getPublicSSH()),
      developerKey: options.developerKey === undefined ? undefined : readKey(options.developerKey).getPublicSSH(),
      workloadUser: options.workloadUser,
      isRoot: options.isRoot,
    };
    const algorithms = SSH_ALGORITHMS as unknown as Algorithms; // its type wants arrays that may be changed
    const config = { hostKeys: [options.hostKey.privateKey], ident: 'wip-agent', algorithms };
    const ssh = new ssh2.Server(config, (connection, info) => this.#welcome(connection, info));
    ssh.on('error', (error: Error) => options.log.error({ why: error.message }, 'ssh server error'));
    this.#listener = createServer({ noDelay: true }, (socket) => {
      // An exec takes 132 ms without noDelay and 5 to 9 ms with it (measured with ssh2 1.17).
      if (this.#limiter.admit(socket)) ssh.injectSocket(socket);
    });
  }

  async listen(): Promise<void> {
    const { host, port, log } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#listener.once('error', (error) => reject(cannotListen(host, port, error)));
      this.#listener.listen(port, host, resolve);
    });
    this.#listener.on('error', (error) => log.error({ why: error.message }, 'ssh listener error'));
    this.port = (this.#listener.address() as AddressInfo).port;
  }

  selfCheck(): Promise<void> {
    const { host, hostKey } = this.#options;
    const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    return checkSelf({ host: reachable, port: this.port }, publicKeyBytes(hostKey.publicLine));
  }

  freeze(): void {
    this.#isFrozen = true;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    this.#limiter.disconnectAll();
    await closed;
  }

  #welcome(connection: Connection, { ip: address, port }: ClientInfo): void {
    const { log } = this.#options;
    let login: Login | undefined;
    let failures = 0;
    // The event may come several times, or not at all before the end. The end of the socket itself is what counts.
    connection.on('error', (error) => log.debug({ address, why: error.message }, 'ssh connection error'));
    connection.on('authentication', (context) => {
      const proven = context.method === 'publickey' && !this.#isFrozen ? proveLogin(context, this.#rules) : undefined;
      if (proven) {
        if (proven.isSigned) login = proven.login;
        return context.accept();
      }
      // "none" is how a client asks which methods there are, and costs no try.
      if (context.method !== 'none') failures += 1;
      context.reject(['publickey']);
      if (failures < MAX_FAILED_LOGINS) return;
      log.warn({ address, user: context.username }, 'ssh login refused');
      connection.end();
    });
    connection.on('ready', () => {
      if (!login) return this.#limiter.disconnect(address, port); // cannot be: ready follows an accepted signature
      this.#limiter.markLoggedIn(address, port);
      log.info({ address, user: login.user, rights: login.rights }, 'ssh login');
      this.#serve(connection, login);
    });
  }

  #serve(connection: Connection, login: Login): void {
    const { runCommand, runSftp, socketPath, log } = this.#options;
    const isFrozen = (): boolean => this.#isFrozen;
    connection.on('session', (accept, reject) => {
      if (this.#isFrozen) return reject();
      serveSession(accept(), { login, runCommand, runSftp, isFrozen, log });
    });
    // Without a listener ssh2 refuses: TCP, X11, agent and remote forwarding have none, for nobody.
    if (login.rights !== 'client') return;
    connection.on('openssh.streamlocal', (accept, reject, { socketPath: path }) => {
      forwardSocket({ accept, reject, path }, socketPath, log);
    });
  }
}

function proveLogin(context: PublicKeyAuthContext, rules: LoginRules): { login: Login; isSigned: boolean } | undefined {
  if (context.key.algo !== 'ssh-ed25519') return undefined;
  const login = decideLogin(context.username, context.key.data, rules);
  if (!login) return undefined;
  if (!context.signature || !context.blob) return { login, isSigned: false }; // only asks whether the key would do
  const key = readKey(`ssh-ed25519 ${context.key.data.toString('base64')}`);
  return key.verify(context.blob, context.signature, context.hashAlgo) === true ? { login, isSigned: true } : undefined;
}

function readKey(line: string): ParsedKey {
  const key = ssh2.utils.parseKey(line.trim());
  if (!(key instanceof Error) && key.type === 'ssh-ed25519') return key;
  throw new OperationalError('CONFIG_INVALID', {
    happened: `"${line.slice(0, 40)}" is not an OpenSSH ed25519 public key`,
    remedy: 'Give a line that begins with ssh-ed25519, as ssh-keygen -t ed25519 writes it',
    cause: key instanceof Error ? key : undefined,
  });
}

function cannotListen(host: string, port: number, cause: Error): OperationalError {
  return new OperationalError('PORT_IN_USE', {
    happened: `The SSH server cannot listen on ${host} port ${port}: ${cause.message}`,
    remedy: 'Set ssh.port in config.ini to a port that is free and that the agent may open, or to 0 for any',
    cause,
  });
}
