import type { Socket } from 'node:net';
import { isLoopbackAddress } from '../../shared/http/loopback.ts';

// Time until a connection must have logged in. sshd gives 120 s; a control plane that needs more than 15 has lost its
// connection.
const LOGIN_GRACE_MS = 15_000;
// Connections of one address. The build can connect from inside the container: it may use up the share of its own
// address, but not keep others out.
const MAX_UNAUTHENTICATED_PER_ADDRESS = 16;
const MAX_CONNECTIONS = 128;

interface LimitedConnection {
  readonly socket: Socket;
  readonly origin: string;
  readonly grace: NodeJS.Timeout;
  isUnauthenticated: boolean;
}

/**
 * Limits the TCP connections to the SSH server from before their first byte: their number, and the time until they log
 * in.
 */
export class ConnectionLimiter {
  readonly #connections = new Map<string, LimitedConnection>();

  /** Returns false, and closes the connection, when there are too many. */
  admit(socket: Socket): boolean {
    const address = socket.remoteAddress ?? '';
    const name = `${address} ${socket.remotePort ?? 0}`;
    // All of 127/8 is one origin: a process may choose any of its 16 million addresses.
    const origin = isLoopbackAddress(address) ? 'loopback' : address;
    const unauthenticated = [...this.#connections.values()].filter(
      (connection) => connection.isUnauthenticated && connection.origin === origin,
    );
    if (unauthenticated.length >= MAX_UNAUTHENTICATED_PER_ADDRESS || this.#connections.size >= MAX_CONNECTIONS) {
      socket.destroy();
      return false;
    }
    const grace = setTimeout(() => socket.destroy(), LOGIN_GRACE_MS);
    this.#connections.set(name, { socket, origin, grace, isUnauthenticated: true });
    socket.once('close', () => {
      clearTimeout(grace);
      this.#connections.delete(name);
    });
    return true;
  }

  /** Exempts a connection from the time limit after its login. */
  markLoggedIn(address: string, port: number): void {
    const connection = this.#connections.get(`${address} ${port}`);
    if (!connection) return;
    clearTimeout(connection.grace);
    connection.isUnauthenticated = false;
  }

  /** Closes at once, without waiting for a peer that may be gone or hostile. */
  disconnect(address: string, port: number): void {
    this.#connections.get(`${address} ${port}`)?.socket.destroy();
  }

  disconnectAll(): void {
    for (const { socket } of this.#connections.values()) socket.destroy();
  }
}
