import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSshKeyPair, type SshKeyPair } from '../../shared/keys/ssh-key.ts';

/**
 * The steps of an image without the agent: makes a host key, starts sshd, reports ready, waits for a file, reports
 * its exit.
 */
const ENTRYPOINT = `
ssh-keygen -q -t ed25519 -N '' -f "$place/host_key"
/usr/sbin/sshd -D -f "$place/sshd_config" & sshd=$!
until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do sleep 0.02; done
curl -sS -X POST --data-binary '{"signal":"ready"}' "$url/ready"
while [ ! -e "$place/shutdown" ]; do sleep 1; done
kill $sshd
curl -sS -X POST --data-binary '{"signal":"exit"}' "$url/exit"
`;

/** A container of the old kind on this machine, and the server to which it reports. */
export class ShellEntrypoint {
  readonly place = mkdtempSync(join(tmpdir(), 'wip-shell-'));
  readonly clientKeys: SshKeyPair = createSshKeyPair();
  readonly said: string[] = [];
  readonly port: number;
  readonly #server: Server;
  readonly #child: ChildProcess;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
    server.on('request', (request, response) => {
      this.said.push((request.url ?? '').slice(1));
      response.writeHead(202).end();
    });
    mkdirSync('/run/sshd', { recursive: true });
    writeFileSync(join(this.place, 'keys'), `${this.clientKeys.publicLine}\n`, { mode: 0o600 });
    const settings = [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${this.place}/host_key`,
      `AuthorizedKeysFile ${this.place}/keys`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      // Nothing of this machine's ~/.bashrc is measured.
      'SetEnv SHLVL=1',
    ];
    writeFileSync(join(this.place, 'sshd_config'), settings.map((line) => `${line}\n`).join(''));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const env = { PATH: process.env['PATH'], place: this.place, port: String(port), url };
    this.#child = spawn('bash', ['-c', ENTRYPOINT], { env, stdio: 'ignore', detached: true });
  }

  static async start(): Promise<ShellEntrypoint> {
    const server = createServer();
    const probe = createServer();
    await Promise.all(
      [server, probe].map((one) => new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))),
    );
    const { port } = probe.address() as AddressInfo;
    await new Promise<void>((resolve) => probe.close(() => resolve()));
    return new ShellEntrypoint(server, port);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get shutdownFile(): string {
    return join(this.place, 'shutdown');
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null) process.kill(-this.pid, 'SIGKILL');
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    rmSync(this.place, { recursive: true, force: true });
  }
}
