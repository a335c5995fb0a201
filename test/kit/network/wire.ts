import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * State of the line. `refused`: nothing listens; `reset`: connections are accepted and cut; `black-hole`: nothing
 * arrives and nothing is answered; `mute`: everything arrives, and no answer comes back; `slow`: each answer comes
 * half a second late.
 */
export type WireState = 'up' | 'refused' | 'reset' | 'black-hole' | 'mute' | 'slow';

const SLOW_MS = 500;

/** A line to a server that can fail in every way a network does. */
export class Wire {
  readonly #target: { readonly port: number; readonly host: string };
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #state: WireState = 'up';
  port = 0;

  private constructor(port: number, host: string) {
    this.#target = { port, host };
  }

  static async start(port: number, host = '127.0.0.1'): Promise<Wire> {
    const wire = new Wire(port, host);
    await wire.#listen();
    return wire;
  }

  async set(state: WireState): Promise<void> {
    this.#state = state;
    // A client connected through a black hole does not learn that the hole is gone. Every other change cuts existing
    // connections.
    if (state === 'refused') await this.close();
    if (state === 'reset') for (const socket of this.#sockets) socket.resetAndDestroy();
    if (state !== 'refused' && !this.#server) await this.#listen();
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#sockets) socket.destroy();
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #listen(): Promise<void> {
    const server = createServer((socket) => this.#join(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(this.port, '127.0.0.1', resolve);
    });
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  #join(near: Socket): void {
    this.#keep(near);
    if (this.#state === 'reset') return void near.resetAndDestroy();
    if (this.#state === 'black-hole') return void near.resume();
    const far = this.#keep(connect(this.#target));
    const lost = new Set<Socket>();
    // A connection that has once lost bytes stays useless.
    const pass = (from: Socket, to: Socket, isLost: () => boolean): void =>
      void from.on('data', (data) => {
        if (isLost()) lost.add(from);
        if (lost.has(from)) return;
        if (this.#state === 'slow' && from === far) setTimeout(() => to.writable && to.write(data), SLOW_MS);
        else to.write(data);
      });
    pass(near, far, () => this.#state === 'black-hole');
    pass(far, near, () => this.#state === 'black-hole' || this.#state === 'mute');
    near.once('close', () => far.destroy());
    far.once('close', () => lost.size === 0 && near.destroy());
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => undefined); // being cut is the purpose of these sockets
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }
}
