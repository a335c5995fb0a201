import { serveOnLoopback } from '../kit/network/loopback-server.ts';
import type { Weather } from './front-door.ts';

/** A foreign service to which tasks report. */
export interface Receiver {
  readonly url: string;
  /** The bodies that arrived under each idempotency key, in order. */
  readonly received: ReadonlyMap<string, readonly string[]>;
  close(): Promise<void>;
}

/** Loses requests and answers with the probabilities of the weather, and answers 503 as often as it loses one. */
export async function openReceiver(weather: Weather, random: () => number): Promise<Receiver> {
  const received = new Map<string, string[]>();
  const server = await serveOnLoopback((request, response) => {
    if (random() < weather.loseRequest) return void response.destroy();
    if (random() < weather.loseRequest) return void response.writeHead(503).end();
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.once('end', () => {
      const key = String(request.headers['idempotency-key']);
      received.set(key, [...(received.get(key) ?? []), Buffer.concat(pieces).toString('utf8')]);
      if (random() < weather.loseAnswer) response.destroy();
      else response.writeHead(201).end('thanks');
    });
  });
  return { url: `${server.url}/`, received, close: server.stop };
}
