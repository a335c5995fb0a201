import { AsyncLocalStorage } from 'node:async_hooks';
import { Server, Socket } from 'node:net';
import type { Clock } from '../../../shared/time/clock.ts';
import { FollowingAbort } from '../../../shared/time/following-abort.ts';

/**
 * The power of a node that runs in this process. All of a node's effects go through its sockets. Without power its
 * sockets are gone, it gets no new ones, and its waits never end. Its code may compute on in its memory, unseen: from
 * outside it is a machine whose plug was pulled.
 */
export class Power {
  readonly #sockets = new Set<Socket>();
  readonly #servers = new Set<Server>();
  readonly #off = new AbortController();
  #thawed: PromiseWithResolvers<void> | null = null;

  get isOn(): boolean {
    return !this.#off.signal.aborted;
  }

  /** Runs `does`. It and all its asynchronous work depend on this power. */
  run<T>(does: () => T): T {
    return powers.run(this, does);
  }

  cut(): void {
    this.#off.abort();
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.thaw();
  }

  /** Until the thaw no byte arrives or leaves, and no wait ends. */
  freeze(): void {
    // Like a process that is stopped twice: one thaw is enough.
    if (this.#thawed) return;
    this.#thawed = Promise.withResolvers<void>();
    // Sockets that are still connecting are halted once they have connected.
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

  /** Returns a clock whose waits end only while there is power. */
  clock(time: Clock): Clock {
    return {
      now: () => time.now(),
      monotonicMs: () => time.monotonicMs(),
      sleep: async (ms, signal) => {
        const end = new FollowingAbort(this.#off.signal, ...(signal ? [signal] : []));
        await time.sleep(ms, end.signal);
        end.release();
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

/** The stream below a socket. An HTTP parser reads from it, so pausing the socket itself does not stop the parser. */
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

// Libraries make their sockets themselves (pg, ssh2, undici, the AWS SDK), so they are intercepted in the one method
// that all of them call.
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
