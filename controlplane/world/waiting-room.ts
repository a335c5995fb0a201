import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { ControlPlaneConfig } from '../config.ts';

// A node looks for its database every second.
const RETRY_AFTER_SECONDS = 5;

/**
 * Answers in the place of a node that waits for its database: alive, not ready, and to all else that it should be asked
 * again. Answers what closes it. A port that is yet to be chosen is known to nobody, so nobody is answered there.
 */
export async function openWaitingRoom(
  { host, port }: Pick<ControlPlaneConfig, 'host' | 'port'>,
  reason: string,
): Promise<() => Promise<void>> {
  if (port === 0) return () => Promise.resolve();
  const server = createServer((request, response) => {
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
