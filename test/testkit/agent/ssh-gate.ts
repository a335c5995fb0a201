import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** An address in front of a container's SSH server. */
export interface SshGate {
  readonly port: number;
  /** Ends all connections through it. */
  cut(): void;
  close(): void;
}

/** Opens an address that leads to `port`, and cuts a connection at once for which `refuses` returns true. */
export async function openSshGate(port: number, refuses: () => boolean): Promise<SshGate> {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy()); // the other side has gone
  };
  const server = createServer((inside) => {
    if (refuses()) return void inside.resetAndDestroy();
    const outside = connect(port, '127.0.0.1');
    keep(inside);
    keep(outside);
    inside.pipe(outside).pipe(inside);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    close() {
      server.close();
      cut();
    },
  };
}
