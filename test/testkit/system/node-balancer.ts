import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface NodeBalancer {
  readonly url: string;
  close(): void;
}

/**
 * Opens one address for all nodes, like a load balancer of connections. When a node ends, so do the connections to it, and callers
 * connect to another one.
 */
export async function openNodeBalancer(targets: () => readonly URL[]): Promise<NodeBalancer> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (outside) => {
    const all = targets();
    turn += 1;
    const target = all[turn % Math.max(1, all.length)];
    if (!target) return void outside.resetAndDestroy();
    const inside = connect({ host: target.hostname, port: Number(target.port), allowHalfOpen: true, noDelay: true });
    for (const [one, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()); // one side has gone, and the other must hear of it
      one.once('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
