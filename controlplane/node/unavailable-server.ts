import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { refuseCaller } from '../../shared/support/http-callers.ts';
import type { ControlPlaneConfig } from '../config.ts';
import { acceptedCallers } from './accepted-callers.ts';

// A node looks for its database every second.
const RETRY_AFTER_SECONDS = 5;

export type WaitingConfig = Pick<ControlPlaneConfig, 'host' | 'port' | 'public_url' | 'allowed_hosts'>;

/**
 * Answers in the place of a node that waits for its database: alive, not ready, and to all else that it should be asked
 * again. Answers what closes it. A port that is yet to be chosen is known to nobody, so nobody is answered there.
 */
export async function openWaitingRoom(config: WaitingConfig, reason: string): Promise<() => Promise<void>> {
  const { host, port } = config;
  if (port === 0) return () => Promise.resolve();
  const server = createServer((request, response) => {
    const refusal = refuseCaller(request, acceptedCallers(config));
    if (refusal) return void response.writeHead(refusal.kind === 'host' ? 421 : 403).end();
    const [status, answer] =
      request.url === '/healthz'
        ? [200, { alive: true }]
        : request.url === '/readyz'
          ? [503, { ready: false, reasons: [reason] }]
          : [503, { code: 'DATABASE_UNAVAILABLE', message: `Not yet: ${reason}.`, remedy: 'Ask again soon' }];
    const headers = { 'content-type': 'application/json; charset=utf-8', 'retry-after': String(RETRY_AFTER_SECONDS) };
    response.writeHead(status, headers).end(JSON.stringify(answer));
  });
  // A port that is taken is told by the node itself, as soon as it listens.
  const isOpen = await listens(server.listen(port, host));
  return () => (isOpen ? close(server) : Promise.resolve());
}

function listens(server: Server): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('listening', () => resolve(true)).once('error', () => resolve(false));
  });
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
