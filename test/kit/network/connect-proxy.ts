import { connect } from 'node:net';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ConnectProxy {
  readonly url: string;
  /** Addresses that tunnels were asked for. */
  readonly tunnels: string[];
  /** Requests in plain http that were handed on. */
  readonly requests: string[];
  stop(): Promise<void>;
}

/** An HTTP proxy on loopback: tunnels for https, and plain requests, which it only counts and refuses. */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const requests: string[] = [];
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    response.writeHead(403, { 'content-type': 'text/html' }).end('<html>This proxy only makes tunnels.</html>');
  });
  server.on('connect', (request, client, head) => {
    tunnels.push(request.url ?? '');
    const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(request.url ?? '') ?? [];
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.write(head);
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => [client, target].forEach((one) => one.destroy()));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    requests,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
