import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

export interface ClientRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: object;
}

export interface ClientOptions {
  readonly url: string;
  readonly token: string;
  /** Waits so long between two requests, with its connection kept. */
  readonly thinkMs: number;
}

/** A client that keeps its one connection for as long as the server lets it, and tries nothing twice. */
export class KeptConnectionClient {
  /** What failed, each with the request. */
  readonly failures: string[] = [];
  answers = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #options: ClientOptions;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Sends requests one after the other until the signal aborts. */
  async run(next: (number: number) => ClientRequest, over: AbortSignal): Promise<void> {
    for (let number = 0; !over.aborted; number += 1) {
      const asked = next(number);
      try {
        const { status, text } = await this.ask(asked);
        this.answers += 1;
        if (status >= 400) this.failures.push(`${asked.method} ${asked.path}: ${status} ${text}`);
      } catch (error) {
        this.failures.push(`${asked.method} ${asked.path}: ${String(error)}`);
      }
      await delay(this.#options.thinkMs);
    }
    this.#agent.destroy();
  }

  async ask({ method, path, body }: ClientRequest): Promise<{ readonly status: number; readonly text: string }> {
    const payload = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${this.#options.token}`,
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    };
    const sent = request(new URL(path, this.#options.url), { method, headers, agent: this.#agent });
    sent.end(payload);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const part of answer.setEncoding('utf8')) text += String(part);
    return { status: answer.statusCode ?? 0, text };
  }
}
