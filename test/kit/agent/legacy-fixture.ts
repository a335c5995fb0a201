import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentClient, AgentEndpoint } from '../../../controlplane/ssh/agent-client.ts';
import { connectLegacy } from '../../../controlplane/ssh/legacy/legacy-client.ts';
import { readHostKey } from '../../../controlplane/ssh/legacy/read-host-key.ts';
import { LEGACY_SIGNAL_BODY } from '../../../shared/protocol/legacy-signals.ts';
import { createSshKeyPair } from '../../../shared/keys/ssh-key.ts';
import { eventually } from '../eventually.ts';
import { findFreePort } from '../network/free-port.ts';
import { LEGACY_ENTRYPOINT } from './legacy-container.ts';

interface ReceivedPost {
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}

interface LegacyOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** How many signals are refused first. */
  readonly refusals?: number;
  /** What bash reads in root's home when sshd starts it. */
  readonly bashrc?: string;
}

/** The shell entrypoint that is shipped, with a receiver of its signals and a client that controls it. */
export class LegacyFixture {
  readonly posts: ReceivedPost[] = [];
  readonly directory = mkdtempSync(join(tmpdir(), 'wip-legacy-'));
  readonly wrapper = join(this.directory, `.wip-${randomUUID()}`);
  readonly entrypoint: ChildProcess;
  readonly exitCode: Promise<number | null>;
  /** Signals that are refused first. */
  refusals = 0;
  readonly #endpoint: Omit<AgentEndpoint, 'hostKeyLine'>;
  readonly #server: Server;
  readonly #clients: AgentClient[] = [];

  private constructor(
    server: Server,
    url: string,
    port: number,
    { environment, bashrc }: Required<Omit<LegacyOptions, 'refusals'>>,
  ) {
    const keys = createSshKeyPair();
    this.#server = server;
    this.#endpoint = {
      host: '127.0.0.1',
      port,
      user: 'root',
      privateKey: keys.privateKey,
      timeoutMs: 15_000,
      keepaliveMs: 15_000,
    };
    writeFileSync(join(this.directory, '.bashrc'), bashrc);
    // The directory is root's home for the container alone.
    const home = ['--mount', 'sh', '-c', 'mount --bind "$0" /root && exec /bin/sh "$1"', this.directory];
    this.entrypoint = spawn('unshare', [...home, LEGACY_ENTRYPOINT], {
      detached: true,
      stdio: 'ignore',
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: this.directory,
        TMPDIR: this.directory,
        SSH_LISTEN: `127.0.0.1:${port}`,
        SHUTDOWN_FILE: join(this.directory, 'shutdown'),
        SIGNAL_URL: url,
        SIGNAL_BODY: JSON.stringify(LEGACY_SIGNAL_BODY),
        SIGNAL_USER: 'attempt:secret',
        CONTAINER_SSH_KEY: keys.publicLine,
        ...environment,
      },
    });
    this.exitCode = new Promise((resolve) => this.entrypoint.once('exit', resolve));
  }

  static async start({ environment = {}, refusals = 0, bashrc = '' }: LegacyOptions = {}): Promise<LegacyFixture> {
    let fixture: LegacyFixture | undefined = undefined;
    const server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        if (fixture && fixture.refusals > 0) {
          fixture.refusals -= 1;
          return void response.writeHead(503).end();
        }
        const body = JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>;
        fixture?.posts.push({ authorization: request.headers.authorization, body });
        response.writeHead(202).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    fixture = new LegacyFixture(server, `http://127.0.0.1:${port}/signal`, await findFreePort(), {
      environment,
      bashrc,
    });
    fixture.refusals = refusals;
    const { posts } = fixture;
    await eventually('the ready signal', () => posts.length > 0);
    return fixture;
  }

  endpoint(hostKeyLine: string): AgentEndpoint {
    return { ...this.#endpoint, hostKeyLine };
  }

  readHostKey(): Promise<string> {
    return readHostKey(this.#endpoint);
  }

  async connect(directory = this.wrapper): Promise<AgentClient> {
    const client = await connectLegacy(this.endpoint(await this.readHostKey()), directory);
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) {
      if (client.isOpen) await client.shutdown().catch(() => undefined); // a test may have broken it
      await client.close();
    }
    this.entrypoint.kill('SIGTERM');
    await this.exitCode;
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.directory, { recursive: true, force: true });
  }
}
