import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface LoopbackServer {
  readonly port: number;
  /** Without a slash at the end. */
  readonly url: string;
  /** Ends open connections too. */
  stop(): Promise<void>;
}

/** Starts an HTTP server on a free port of loopback, or with a certificate of localhost an HTTPS server. */
export async function serveOnLoopback(
  answer: RequestListener,
  tls?: { readonly key: Buffer; readonly cert: Buffer },
): Promise<LoopbackServer> {
  const server = tls ? createSecureServer(tls, answer) : createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
