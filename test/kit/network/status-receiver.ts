import { serveOnLoopback, type LoopbackServer } from './loopback-server.ts';

interface ReceivedStatus {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The part of the API of GitHub that takes the statuses of commits. */
export class StatusReceiver {
  readonly statuses: ReceivedStatus[] = [];
  #server: LoopbackServer | null = null;

  async start(): Promise<string> {
    this.#server = await serveOnLoopback((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
        this.statuses.push({ path: request.url ?? '', authorization: request.headers.authorization, body });
        response.writeHead(201, { 'content-type': 'application/json' }).end('{}');
      });
    });
    return this.#server.url;
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }
}
