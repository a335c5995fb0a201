import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A balancer of connections: it gives each new one to a target that says at /readyz that it is ready. */
export interface TcpBalancer {
  readonly url: string;
  /** Addresses of the targets that get new connections now. */
  readonly ready: ReadonlySet<string>;
  close(): Promise<void>;
}

const CHECK_MS = 100;

/** `targets` are addresses of nodes. A connection stays with its target until one of both ends it. */
export async function startTcpBalancer(targets: readonly string[]): Promise<TcpBalancer> {
  const ready = new Set<string>();
  const sockets = new Set<Socket>();
  const over = new AbortController();
  let turn = 0;
  const server = createServer((incoming) => {
    const all = [...ready];
    const target = all[(turn += 1) % all.length];
    if (target === undefined) return void incoming.destroy();
    const { hostname, port } = new URL(target);
    const outgoing = connect(Number(port), hostname);
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    }
    incoming.on('error', () => outgoing.destroy());
    outgoing.on('error', () => incoming.resetAndDestroy());
    incoming.pipe(outgoing).pipe(incoming);
  });
  const checks = targets.map(async (target) => {
    while (!over.signal.aborted) {
      if (await isReady(target)) ready.add(target);
      else ready.delete(target);
      await delay(CHECK_MS, undefined, { signal: over.signal }).catch(() => undefined); // it is over
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ready,
    async close() {
      over.abort();
      await Promise.all(checks);
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}

async function isReady(target: string): Promise<boolean> {
  const answer = await fetch(`${target}/readyz`, { headers: { connection: 'close' } }).catch(() => null);
  await answer?.body?.cancel();
  return answer?.status === 200;
}
