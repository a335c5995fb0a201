import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SFTP_COMMAND } from '../../../agent/commands/arguments.ts';
import { startSshServer, type SshServer, type SshServerOptions } from '../../../agent/ssh/ssh-server.ts';
import type { AgentEndpoint } from '../../../controlplane/ssh/agent-client.ts';
import { createSshKeyPair, type SshKeyPair } from '../../../shared/keys/ssh-key.ts';
import { agentCommand } from './agent-process.ts';
import { RecordingLog } from '../recording-log.ts';
import { ShellRunner } from '../programs/shell-runner.ts';

/** The agent's SFTP server, with the agent's own command line. */
const SFTP_COMMAND_LINE = [...agentCommand(), SFTP_COMMAND].map((word) => `'${word}'`).join(' ');

/**
 * The agent's real SSH server on loopback, before an HTTP server on a real Unix socket. A test scripts the answers of
 * the latter.
 */
export class SshAgentFixture {
  readonly directory: string;
  readonly hostKey: SshKeyPair = createSshKeyPair();
  readonly clientKey: SshKeyPair = createSshKeyPair();
  readonly developerKey: SshKeyPair = createSshKeyPair();
  readonly runner = new ShellRunner();
  readonly log = new RecordingLog();
  /** Answers the requests that come through the tunnel. */
  answer: RequestListener = (_request, response) => void response.writeHead(404).end();
  #server: SshServer | undefined;
  readonly #api: Server = createServer((request, response) => this.answer(request, response));

  constructor(directory: string) {
    this.directory = directory;
  }

  static async start(options: Partial<SshServerOptions> = {}): Promise<SshAgentFixture> {
    const fixture = new SshAgentFixture(await mkdtemp(path.join(tmpdir(), 'wip-ssh-')));
    await new Promise<void>((resolve) => fixture.#api.listen(fixture.socketPath, resolve));
    await fixture.listen(options);
    return fixture;
  }

  get socketPath(): string {
    return path.join(this.directory, 'agent.sock');
  }

  get server(): SshServer {
    if (!this.#server) throw new Error('the SSH server is not started');
    return this.#server;
  }

  async listen(options: Partial<SshServerOptions> = {}): Promise<void> {
    this.#server = await startSshServer({
      host: '127.0.0.1',
      port: 0,
      hostKey: this.hostKey,
      clientKeys: [this.clientKey.publicLine],
      developerKey: this.developerKey.publicLine,
      workloadUser: 'builder',
      isRoot: true,
      socketPath: this.socketPath,
      runCommand: this.runner.run,
      runSftp: (user) => this.runner.run({ command: SFTP_COMMAND_LINE, user, environment: {} }),
      log: this.log,
      ...options,
    });
  }

  /** Returns what a client needs to log in as root with the right keys. */
  endpoint(changes: Partial<AgentEndpoint> = {}): AgentEndpoint {
    return {
      host: '127.0.0.1',
      port: this.server.port,
      user: 'root',
      privateKey: this.clientKey.privateKey,
      hostKeyLine: this.hostKey.publicLine,
      timeoutMs: 10_000,
      keepaliveMs: 5_000,
      ...changes,
    };
  }

  /** Writes a private key into a file that the stock client accepts. */
  async keyFile(name: string, key: SshKeyPair): Promise<string> {
    const file = path.join(this.directory, name);
    await writeFile(file, key.privateKey);
    await chmod(file, 0o600);
    return file;
  }

  async close(): Promise<void> {
    await this.#server?.close();
    this.runner.close();
    const closed = new Promise<void>((resolve) => this.#api.close(() => resolve()));
    this.#api.closeAllConnections();
    await closed;
    await rm(this.directory, { recursive: true });
  }
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}
