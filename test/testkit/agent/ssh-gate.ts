import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** An address in front of a container's SSH server. */
export interface SshGate {
  readonly port: number;
  close(): void;
}

/** Opens an address that cuts the first connections and leads the others to `port`. */
export async function openSshGate(port: number, refusals: number): Promise<SshGate> {
  const sockets = new Set<Socket>();
  let refused = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy()); // the other side has gone
  };
  const server = createServer((inside) => {
    if (refused < refusals) {
      refused += 1;
      return void inside.resetAndDestroy();
    }
    const outside = connect(port, '127.0.0.1');
    keep(inside);
    keep(outside);
    inside.pipe(outside).pipe(inside);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
