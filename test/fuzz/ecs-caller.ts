import { once } from 'node:events';
import { connect } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalEcs, type LocalEcs } from '../../controlplane/localecs/start-local-ecs.ts';
import { systemClock } from '../../shared/time/clock.ts';
import { silentLog } from '../kit/ecs/local-ecs.ts';
import { signedHeaders } from '../kit/network/signed-fetch.ts';
import { BARE_LAUNCHER } from './bare-launcher.ts';
import { readRequest, splitRequests } from './ecs-requests.ts';
import { inPieces } from './in-pieces.ts';

/** Local ECS on a port of loopback, new for each input, and callers whose requests the input describes. */
export class EcsCaller {
  readonly #directory: string;
  readonly #ecs: LocalEcs;

  private constructor(directory: string, ecs: LocalEcs) {
    this.#directory = directory;
    this.#ecs = ecs;
  }

  static async start(): Promise<EcsCaller> {
    const directory = mkdtempSync(join(tmpdir(), 'wip-fuzz-ecs-'));
    const resources = { cpu: 1e9, memory: 1e9 };
    const options = { directory, launcher: BARE_LAUNCHER, resources, closeGraceMs: 10, log: silentLog };
    return new EcsCaller(directory, await startLocalEcs({ ...options, clock: systemClock }));
  }

  async close(): Promise<void> {
    await this.#ecs.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Sends each request of the input. A part that begins with `!` is the bytes of one. */
  async run(input: Buffer): Promise<void> {
    for (const part of splitRequests(input)) {
      const isRaw = part[0] === 0x21;
      const request = isRaw ? part.subarray(1) : this.#signed(part);
      // The rest of a request with a wrong length never arrives.
      const isWhole =
        !isRaw && !/^[^\n]* (content-length|transfer-encoding|connection|upgrade):/i.test(part.toString('latin1'));
      checkAnswer(await this.#exchange(request, isWhole ? 'answered' : 'cut'), isWhole);
    }
  }

  #signed(part: Buffer): Buffer {
    // A signature covers text.
    const { action, target, header, body } = readRequest(part);
    const headers: Record<string, string> = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action.replace(/[^\x21-\x7e]/g, '')}`,
    };
    const signed = signedHeaders(this.#ecs, this.#ecs.endpoint, { method: 'POST', headers, body });
    const given = { ...signed, ...(header.name === '' ? {} : { [header.name.toLowerCase()]: header.value }) };
    const own = { 'content-length': String(Buffer.byteLength(body)), connection: 'close' };
    const lines = Object.entries({ ...own, ...given });
    const text = lines.map(([key, each]) => `${key}: ${each}\r\n`).join('');
    return Buffer.concat([Buffer.from(`POST ${target} HTTP/1.1\r\n${text}\r\n`, 'latin1'), Buffer.from(body)]);
  }

  /** Returns all bytes until the server has answered completely. A cut request ends where its bytes end. */
  async #exchange(request: Buffer, until: 'answered' | 'cut'): Promise<Buffer> {
    const socket = connect(Number(new URL(this.#ecs.endpoint).port), '127.0.0.1');
    socket.on('error', () => undefined);
    const answer: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => answer.push(bytes));
    const closed = once(socket, 'close');
    for (const piece of request.length < 300 ? inPieces(request) : [request]) socket.write(piece);
    if (until === 'cut') socket.end();
    await closed;
    return Buffer.concat(answer);
  }
}

/**
 * Bytes that are no whole request may stay without an answer. Every other request is answered in the shape of AWS.
 */
function checkAnswer(bytes: Buffer, isWhole: boolean): void {
  const text = bytes.toString('latin1').replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
  if (text === '' && !isWhole) return;
  const [, status = '', head = '', rest = ''] = /^HTTP\/1\.1 (\d{3})[^\r]*\r\n(.*?)\r\n\r\n(.*)$/s.exec(text) ?? [];
  if (status === '') throw new Error(`no answer: ${JSON.stringify(text.slice(0, 100))}`);
  const body = bodyOf(head, rest);
  if (Number(status) >= 500) throw new Error(`the answer is ${status}: ${body.slice(0, 300)}`);
  // The answer to a HEAD request has no body.
  if (Number(status) < 400 || (rest === '' && !isWhole)) return;
  const type = /^content-type: (.*)$/im.exec(head)?.[1]?.trim();
  if (type?.startsWith('text/xml')) {
    if (!/^<Response><Errors><Error><Code>\w+/.test(body)) throw new Error(`no error of EC2: ${body.slice(0, 100)}`);
    return;
  }
  if (type !== 'application/x-amz-json-1.1') throw new Error(`${status} has the type ${type}`);
  const told = JSON.parse(body) as { __type?: unknown; message?: unknown; code?: unknown };
  if (typeof (told.__type ?? told.code) !== 'string' || typeof told.message !== 'string') {
    throw new Error(`no error of AWS: ${body.slice(0, 100)}`);
  }
}

/** Returns the body of the first answer. Another answer may follow it. */
function bodyOf(head: string, rest: string): string {
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  if (length !== undefined) return rest.slice(0, Number(length));
  if (!/^transfer-encoding: chunked$/im.test(head)) return rest; // an answer to HTTP/1.0
  let body = '';
  for (let at = 0; ;) {
    const [line = '', size = '0'] = /^([0-9a-f]+)\r\n/.exec(rest.slice(at, at + 12)) ?? [];
    const bytes = parseInt(size, 16);
    if (line === '' || bytes === 0) return body;
    body += rest.slice(at + size.length + 2, at + size.length + 2 + bytes);
    at += size.length + 4 + bytes;
  }
}
