import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import type { AgentEndpoint } from '../../../controlplane/ssh/agent-client.ts';
import { createSshKeyPair } from '../../../shared/keys/ssh-key.ts';

/** What the container does once the login is accepted. */
export interface OddSsh {
  /** Called with each channel to the agent's socket. Absent: no such channel is ever answered. */
  readonly onChannel?: (channel: ServerChannel, connection: Connection) => void;
  /** Called with what accepts a command, and is not held to call it. Absent: no command is ever answered. */
  readonly onCommand?: (accept: () => ServerChannel) => void;
}

interface ChannelRequest {
  on(event: 'openssh.streamlocal', listener: (accept: () => ServerChannel) => void): void;
}

/** An SSH server that accepts each login and then behaves as no agent does. */
export class OddSshServer {
  readonly #hostKey = createSshKeyPair();
  readonly #clientKey = createSshKeyPair();
  readonly #server: ssh2.Server;
  readonly #connections = new Set<Connection>();

  private constructor({ onChannel, onCommand }: OddSsh) {
    this.#server = new ssh2.Server({ hostKeys: [this.#hostKey.privateKey] }, (connection) => {
      this.#connections.add(connection);
      connection.on('error', () => undefined); // the client breaks off
      connection.on('authentication', (context) => context.accept());
      connection.on('session', (accept) => {
        accept().on('exec', (acceptCommand) => onCommand?.(acceptCommand));
      });
      // The types of ssh2 do not have this event.
      (connection as unknown as ChannelRequest).on('openssh.streamlocal', (accept) => {
        if (onChannel) onChannel(accept(), connection);
      });
    });
  }

  static async start(odd: OddSsh): Promise<OddSshServer> {
    const server = new OddSshServer(odd);
    await once(server.#server.listen(0, '127.0.0.1'), 'listening');
    return server;
  }

  endpoint(timeoutMs: number): AgentEndpoint {
    return {
      host: '127.0.0.1',
      port: (this.#server.address() as AddressInfo).port,
      user: 'root',
      privateKey: this.#clientKey.privateKey,
      hostKeyLine: this.#hostKey.publicLine,
      timeoutMs,
      keepaliveMs: 5_000,
    };
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.end();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}

/** Writes without end, as fast as the other side reads. */
export function flood(channel: ServerChannel): void {
  const piece = Buffer.alloc(65_536, 'x');
  const write = (): void => {
    if (!channel.writable) return;
    if (channel.write(piece)) setImmediate(write);
    else channel.once('drain', write);
  };
  write();
}
