import type { Socket } from 'node:net';
import { isLoopbackAddress } from '../../shared/support/loopback.ts';

// agent.md 7. sshd gives 120 s; a control plane that needs more than 15 has lost its connection.
const LOGIN_GRACE_MS = 15_000;
// The build can connect from inside the container: it may use up its own address's share, but not keep others out.
const MAX_STRANGERS_PER_ADDRESS = 16;
const MAX_CONNECTIONS = 128;

interface Visitor {
  readonly socket: Socket;
  readonly origin: string;
  readonly grace: NodeJS.Timeout;
  isStranger: boolean;
}

/** Every TCP connection to the SSH server, from before its first byte: how many there may be, and for how long unproven. */
export class Visitors {
  readonly #visitors = new Map<string, Visitor>();

  /** False, and the connection is gone, when there are too many. */
  admit(socket: Socket): boolean {
    const address = socket.remoteAddress ?? '';
    const name = `${address} ${socket.remotePort ?? 0}`;
    // All of 127/8 is one origin: a process may choose any of its 16 million addresses.
    const origin = isLoopbackAddress(address) ? 'loopback' : address;
    const strangers = [...this.#visitors.values()].filter((visitor) => visitor.isStranger && visitor.origin === origin);
    if (strangers.length >= MAX_STRANGERS_PER_ADDRESS || this.#visitors.size >= MAX_CONNECTIONS) {
      socket.destroy();
      return false;
    }
    const grace = setTimeout(() => socket.destroy(), LOGIN_GRACE_MS);
    this.#visitors.set(name, { socket, origin, grace, isStranger: true });
    socket.once('close', () => {
      clearTimeout(grace);
      this.#visitors.delete(name);
    });
    return true;
  }

  /** This one has logged in. */
  recognise(address: string, port: number): void {
    const visitor = this.#visitors.get(`${address} ${port}`);
    if (!visitor) return;
    clearTimeout(visitor.grace);
    visitor.isStranger = false;
  }

  /** At once: a peer that is gone or hostile is not waited for. */
  sendAway(address: string, port: number): void {
    this.#visitors.get(`${address} ${port}`)?.socket.destroy();
  }

  sendAllAway(): void {
    for (const { socket } of this.#visitors.values()) socket.destroy();
  }
}
