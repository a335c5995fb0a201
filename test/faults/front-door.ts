import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HEADER } from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { sha256Hex } from '../../shared/keys/signing.ts';

/** Probabilities in [0, 1) of the faults that meet an agent's request on its way. */
export interface Weather {
  readonly loseRequest: number;
  readonly loseAnswer: number;
  readonly duplicate: number;
  /** A user's connection is cut, before the request reached a node or before its answer reached the user. */
  readonly cutUser: number;
  /** A duplicate arrives up to this much later, and so after requests that were sent after it. */
  readonly maxDelayMs: number;
}

export const CALM: Weather = { loseRequest: 0, loseAnswer: 0, duplicate: 0, cutUser: 0, maxDelayMs: 0 };

interface AcknowledgedSignal {
  readonly callbackId: string;
  readonly webhookId: string;
  readonly bodySha256: string;
}

export interface FrontDoor {
  readonly url: string;
  /** Every signal that a node answered with 202, whether or not the agent got the answer. */
  readonly acknowledged: readonly AcknowledgedSignal[];
  close(): Promise<void>;
}

export interface FrontDoorOptions {
  /** Returns the base addresses of the nodes that listen now. */
  readonly targets: () => readonly string[];
  readonly weather: Weather;
  readonly clock: Clock;
  readonly random: () => number;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const SIGNAL_PATH = /^\/v1\/signal\/([A-Za-z0-9_-]+)$/;
// A frozen node accepts a connection and never answers. A balancer gives up before the agent does (10 s).
const ANSWER_TIMEOUT_MS = 1_000;
const UNAVAILABLE: Answer = { status: 503, headers: {}, body: Buffer.from('{"code":"NO_NODE","message":"No node."}') };

/** Opens one address for all nodes, like a load balancer, and as unreliable as a network. */
export async function openFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const { weather, clock, random } = options;
  const acknowledged: AcknowledgedSignal[] = [];
  const late = new Set<Promise<unknown>>();
  const closing = new AbortController();
  let turn = 0;

  async function forward(incoming: IncomingMessage, body: Buffer): Promise<Answer> {
    const targets = options.targets();
    turn += 1;
    const target = targets[turn % Math.max(1, targets.length)];
    if (target === undefined) return UNAVAILABLE;
    const answer = await ask(target, incoming, body).catch(() => UNAVAILABLE); // the node has just died
    const callbackId = SIGNAL_PATH.exec(incoming.url ?? '')?.[1];
    if (callbackId !== undefined && answer.status === 202) {
      acknowledged.push({ callbackId, webhookId: String(incoming.headers[HEADER.id]), bodySha256: sha256Hex(body) });
    }
    return answer;
  }

  async function repeatLater(incoming: IncomingMessage, body: Buffer): Promise<void> {
    await clock.sleep(random() * weather.maxDelayMs, closing.signal);
    if (!closing.signal.aborted) await forward(incoming, body);
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    const isAgents = /^\/v1\/(signal\/|enrol)/.test(incoming.url ?? '');
    if (random() < (isAgents ? weather.loseRequest : weather.cutUser)) return void response.destroy();
    const answer = await forward(incoming, body);
    if (SIGNAL_PATH.test(incoming.url ?? '') && random() < weather.duplicate) {
      const repeated = repeatLater(incoming, body).finally(() => late.delete(repeated));
      late.add(repeated);
    }
    if (random() < (isAgents ? weather.loseAnswer : weather.cutUser)) return void response.destroy();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy()); // the agent has gone
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    acknowledged,
    async close() {
      closing.abort();
      await Promise.all(late);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function readBody(stream: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function ask(base: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const { method = 'GET', url = '/' } = incoming;
  const { host: _host, connection: _connection, 'content-length': _length, ...rest } = incoming.headers;
  const headers = { ...rest, ...(method === 'GET' ? {} : { 'content-length': body.length }) };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(new URL(url, base), { method, headers, agent: false, timeout: ANSWER_TIMEOUT_MS });
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      readBody(response).then((read) => {
        const contentType = String(response.headers['content-type'] ?? 'text/plain');
        const date = String(response.headers['date'] ?? '');
        resolve({ status: response.statusCode ?? 502, headers: { 'content-type': contentType, date }, body: read });
      }, reject);
    });
    outgoing.end(body);
  });
}
