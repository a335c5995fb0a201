import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The instance metadata service of an EC2 instance, version 2, with the part that Spot needs. */
export class FakeMetadata {
  lifeCycle: 'spot' | 'on-demand' = 'spot';
  /** The body of spot/instance-action; undefined gives 404. */
  notice: string | undefined;
  /** Requested paths in order, without /latest. */
  readonly asked: string[] = [];
  #tokens = 0;
  #validToken = '';
  readonly #server = createServer((request, response) => {
    const path = (request.url ?? '').replace('/latest', '');
    this.asked.push(path);
    if (path === '/api/token') {
      const isRight = request.method === 'PUT' && request.headers['x-aws-ec2-metadata-token-ttl-seconds'] === '21600';
      if (!isRight) return void response.writeHead(400).end();
      this.#tokens += 1;
      this.#validToken = `token-${this.#tokens}`;
      return void response.end(this.#validToken);
    }
    if (request.headers['x-aws-ec2-metadata-token'] !== this.#validToken) return void response.writeHead(401).end();
    const answers: Record<string, string | undefined> = {
      '/meta-data/instance-life-cycle': this.lifeCycle,
      '/meta-data/spot/instance-action': this.notice,
    };
    const answer = answers[path];
    return void response.writeHead(answer === undefined ? 404 : 200).end(answer ?? 'Not Found');
  });

  static async start(port = 0): Promise<FakeMetadata> {
    const fake = new FakeMetadata();
    await new Promise<void>((resolve, reject) => {
      fake.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return fake;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  takeBack(time: Date, action = 'terminate'): void {
    this.notice = JSON.stringify({ action, time: time.toISOString().replace(/\.\d+/, '') });
  }

  expireToken(): void {
    this.#validToken = 'none';
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}
