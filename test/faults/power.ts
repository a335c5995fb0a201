import { AsyncLocalStorage } from 'node:async_hooks';
import { Server, Socket } from 'node:net';
import type { Clock } from '../../shared/support/clock.ts';

/**
 * The power of a node that lives in this very process. Everything a node does to the world goes through its sockets;
 * without power they are gone, it gets no others, and what it waits for never comes. Its code may compute on in its
 * memory, where nobody sees it: for the world it is a machine whose plug was pulled.
 */
export class Power {
  readonly #sockets = new Set<Socket>();
  readonly #servers = new Set<Server>();
  readonly #off = new AbortController();
  #thawed: PromiseWithResolvers<void> | null = null;

  get isOn(): boolean {
    return !this.#off.signal.aborted;
  }

  /** What begins in here, and all that follows from it, hangs on this power. */
  run<T>(does: () => T): T {
    return powers.run(this, does);
  }

  cut(): void {
    this.#off.abort();
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.thaw();
  }

  /** Until the thaw nothing comes in, nothing goes out, and no wait ends. */
  freeze(): void {
    // Like a process that is stopped twice: one thaw is enough.
    if (this.#thawed) return;
    this.#thawed = Promise.withResolvers<void>();
    // Those that are still connecting halt when they have.
    for (const socket of this.#sockets) if (!socket.pending) halt(socket);
  }

  thaw(): void {
    if (!this.#thawed) return;
    for (const socket of this.#sockets) if (!socket.pending) resume(socket);
    this.#thawed.resolve();
    this.#thawed = null;
  }

  /** Resolves when the node can act: at once, after the thaw, or never. */
  async untilItCanAct(): Promise<void> {
    while (this.#thawed) await this.#thawed.promise;
    if (!this.isOn) await new Promise<never>(() => undefined);
  }

  /** A clock whose waits end only for those who have power. */
  clock(time: Clock): Clock {
    return {
      now: () => time.now(),
      monotonicMs: () => time.monotonicMs(),
      sleep: async (ms, signal) => {
        await time.sleep(ms, signal ? AbortSignal.any([signal, this.#off.signal]) : this.#off.signal);
        await this.untilItCanAct();
      },
    };
  }

  plugServer(server: Server): void {
    this.#servers.add(server);
    server.prependListener('connection', (socket: Socket) => this.plug(socket));
  }

  plug(socket: Socket): void {
    if (!this.isOn) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const haltInFrost = (): void => {
      if (this.#thawed) halt(socket);
    };
    if (socket.pending) socket.once('connect', haltInFrost);
    else haltInFrost();
  }
}

const powers = new AsyncLocalStorage<Power>();

/** The stream below a socket: pausing the socket itself does not stop an HTTP parser, which reads from here. */
interface Stream {
  readStop(): void;
  readStart(): void;
}
const streamOf = (socket: Socket): Stream | null | undefined =>
  (socket as unknown as { readonly _handle?: Stream | null })._handle;

function halt(socket: Socket): void {
  socket.cork();
  streamOf(socket)?.readStop();
}

function resume(socket: Socket): void {
  socket.uncork();
  streamOf(socket)?.readStart();
}

// Libraries make their sockets themselves (pg, ssh2, undici, the AWS SDK), so they are met where all come by.
const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;
const listen = Server.prototype.listen as (this: Server, ...args: unknown[]) => Server;
Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
  const power = powers.getStore();
  power?.plug(this);
  return power && !power.isOn ? this : connect.apply(this, args);
} as typeof Socket.prototype.connect;
Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
  powers.getStore()?.plugServer(this);
  return listen.apply(this, args);
} as typeof Server.prototype.listen;
