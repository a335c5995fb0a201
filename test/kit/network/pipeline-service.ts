import { createHmac, createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the service does with the next request; `answers` is what it does with those that nothing is said of. */
export type Behaviour =
  | 'answers'
  /** Takes it, and answers 500. */
  | 'fails'
  /** Does not take it, and never answers. */
  | 'hangs'
  /** Takes it, and answers when the sender has given up. */
  | 'answers late'
  /** Does not take it. Somebody in its place says that all is well, and cannot sign that. */
  | 'lies'
  /** Does not take it, for want of a key. */
  | 'denies';

export interface TakenReport {
  readonly method: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly isSigned: boolean;
}

export interface PipelineKey {
  readonly id: string;
  /** Base64. */
  readonly secret: string;
}

/** A pipeline service that records what it takes, knows repetitions by their idempotency key, and can misbehave. */
export class RecordingPipelineService {
  readonly taken: TakenReport[] = [];
  /** How often each request came, by its idempotency key. */
  readonly tries = new Map<string, number>();
  #next: Behaviour[] = [];
  #isAway = false;
  readonly #key: PipelineKey | null;
  readonly #server = createServer((request, response) => void this.#meet(request, response));
  readonly #known = new Set<string>();

  constructor(key: PipelineKey | null) {
    this.#key = key;
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** The next requests are met like this, one after the other. */
  behave(...next: Behaviour[]): void {
    this.#next.push(...next);
  }

  /** Fails everything until it is back. */
  goAway(): void {
    this.#isAway = true;
  }

  comeBack(): void {
    this.#isAway = false;
  }

  /** The statuses that the job went through, in the order in which the service learned them. */
  statuses(): unknown[] {
    return this.taken.filter(({ path }) => /\/jobs\/[^/]+$/.test(path)).map(({ body }) => body['status']);
  }

  taking(path: string): readonly TakenReport[] {
    return this.taken.filter((report) => report.path.endsWith(path));
  }

  async #meet(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString();
    const id = String(request.headers['idempotency-key']);
    this.tries.set(id, (this.tries.get(id) ?? 0) + 1);
    if (this.#isAway) return void response.writeHead(503).end();
    const behaviour = this.#next.shift() ?? 'answers';
    if (behaviour === 'hangs') return;
    if (behaviour === 'lies') {
      return void response.writeHead(200, { 'x-server-authorization-hmac-sha256': 'bGllcw==' }).end('{}');
    }
    if (behaviour === 'denies' || !this.#isAuthorised(request, text)) return void response.writeHead(401).end();
    this.#take(id, request, text);
    if (behaviour === 'answers late') return;
    if (behaviour === 'fails') return void response.writeHead(500).end();
    response.writeHead(200, this.#signed(request, '{}')).end('{}');
  }

  #take(id: string, request: IncomingMessage, text: string): void {
    if (this.#known.has(id)) return;
    this.#known.add(id);
    this.taken.push({
      method: request.method ?? '',
      path: request.url ?? '',
      body: JSON.parse(text) as Record<string, unknown>,
      isSigned: request.headers.authorization !== undefined,
    });
  }

  /** Checks the signature as the specification describes it, independently of the code under test. */
  #isAuthorised(request: IncomingMessage, text: string): boolean {
    if (!this.#key) return true;
    const part = (name: string): string =>
      new RegExp(`${name}="([^"]*)"`).exec(request.headers.authorization ?? '')?.[1] ?? '';
    const hash = createHash('sha256').update(text).digest('base64');
    const { pathname, search } = new URL(request.url ?? '', 'http://any');
    const base = [
      request.method,
      request.headers.host,
      pathname,
      search.slice(1),
      `id=${this.#key.id}&nonce=${part('nonce')}&realm=CIStore&version=2.0`,
      request.headers['x-authorization-timestamp'],
      'application/json',
      hash,
    ].join('\n');
    const age = Math.abs(Date.now() / 1_000 - Number(request.headers['x-authorization-timestamp']));
    return age < 900 && part('signature') === this.#mac(base);
  }

  #signed(request: IncomingMessage, body: string): Record<string, string> {
    if (!this.#key) return {};
    const nonce = /nonce="([^"]*)"/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const text = `${nonce}\n${String(request.headers['x-authorization-timestamp'])}\n${body}`;
    return { 'x-server-authorization-hmac-sha256': this.#mac(text) };
  }

  #mac(text: string): string {
    return createHmac('sha256', Buffer.from(this.#key?.secret ?? '', 'base64'))
      .update(text)
      .digest('base64');
  }
}
