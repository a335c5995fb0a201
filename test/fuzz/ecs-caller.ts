import { once } from 'node:events';
import { connect } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Launcher } from '../../controlplane/localecs/launcher.ts';
import { startLocalEcs, type LocalEcs } from '../../controlplane/localecs/start-local-ecs.ts';
import { systemClock } from '../../shared/support/clock.ts';
import { silentLog } from '../kit/local-ecs.ts';
import { signedHeaders } from '../kit/signed-fetch.ts';
import { inPieces } from './in-pieces.ts';

/** Launches containers that consist of their state alone: they run until they are stopped. */
const LAUNCHER: Launcher = {
  start() {
    const { promise: ended, resolve } = Promise.withResolvers<{ exitCode: number }>();
    const end = (exitCode: number) => (): void => resolve({ exitCode });
    return Promise.resolve({ ended, terminate: end(143), kill: end(137), ports: () => [] });
  },
  adopt: () => Promise.resolve({ kind: 'never-started' }),
  discard: () => Promise.resolve(),
};

/** `Action @target header: value`. All parts but the first are optional. */
const HEAD = /^([^\s@]*)(?: @(\S+))?(?: ([!#$%&'*+.^`|~\w-]+): ?([^\r\n\0]*))?/;
const SEPARATOR = Buffer.from('\n==\n');

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
    const options = { directory, launcher: LAUNCHER, resources, closeGraceMs: 10, log: silentLog };
    return new EcsCaller(directory, await startLocalEcs({ ...options, clock: systemClock }));
  }

  async close(): Promise<void> {
    await this.#ecs.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** Each part of the input is a request: a head (see HEAD), a line break, and the body; or `!` and bytes. */
  async run(input: Buffer): Promise<void> {
    for (const part of split(input).slice(0, 6)) {
      const isRaw = part[0] === 0x21;
      const request = isRaw ? part.subarray(1) : this.#signed(part);
      // The rest of a request with a wrong length never arrives.
      const isWhole =
        !isRaw && !/^[^\n]* (content-length|transfer-encoding|connection|upgrade):/i.test(part.toString('latin1'));
      checkAnswer(await this.#exchange(request, isWhole ? 'answered' : 'cut'), isWhole);
    }
  }

  #signed(part: Buffer): Buffer {
    const end = part.indexOf('\n');
    const head = part.subarray(0, end < 0 ? part.length : end).toString('latin1');
    // A signature covers text. Bytes that are no text are sent as their replacement characters.
    const body = end < 0 ? '' : part.subarray(end + 1).toString();
    const [, action = '', target = '/', name = '', value = ''] = HEAD.exec(head) ?? [];
    const headers: Record<string, string> = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerServiceV20141113.${action.replace(/[^\x21-\x7e]/g, '')}`,
    };
    const signed = signedHeaders(this.#ecs, this.#ecs.endpoint, { method: 'POST', headers, body });
    const given = { ...signed, ...(name === '' ? {} : { [name.toLowerCase()]: value }) };
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

function split(input: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let rest = input;
  for (let at = rest.indexOf(SEPARATOR); at >= 0; at = rest.indexOf(SEPARATOR)) {
    parts.push(rest.subarray(0, at));
    rest = rest.subarray(at + SEPARATOR.length);
  }
  return [...parts, rest];
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
