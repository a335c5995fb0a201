import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EnrolmentRequest, type EnrolmentAnswer } from '../../../shared/protocol/enrolment.ts';
import {
  CLASS_ID,
  ChunkReport,
  HEADER,
  HeartbeatReport,
  MAX_CLOCK_SKEW_SECONDS,
  Signal,
  type SignalKind,
  type StreamName,
} from '../../../shared/protocol/signals.ts';
import { isSignedBy } from '../../../shared/keys/signing.ts';
import { createSshKeyPair, type SshKeyPair } from '../../../shared/keys/ssh-key.ts';

export type FakePlace = 'enrol' | 'signal' | 'chunks' | 'heartbeat';

/**
 * Fault of the next request of a kind. `lost-answer`: accept it and cut the connection; `reset`: cut without
 * accepting it; `hang`: neither accept nor answer.
 */
export type FakeFault =
  | 'lost-answer'
  | 'reset'
  | 'hang'
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string };

export interface FakeSignal {
  readonly sequence: number;
  readonly kind: SignalKind;
  readonly body: Signal & Record<string, unknown>;
}

export interface FakeControlPlaneOptions {
  readonly limits?: EnrolmentAnswer['limits'];
  readonly heartbeatSeconds?: number;
  /** 0 takes any free port. The same port again stands for the same control plane after a restart. */
  readonly port?: number;
  /**
   * `counted` drops the content of chunks and makes no text of it, which would take longer than an agent needs to
   * send it. For output that is longer than memory. Default `kept`.
   */
  readonly chunks?: 'kept' | 'counted';
}

const KINDS = new Map(Object.entries(CLASS_ID).map(([kind, classId]) => [classId as string, kind as SignalKind]));

type Reply = { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> };

/**
 * The control plane from the view of one agent: enrols it, verifies its signatures, keeps its signals, fails on
 * request.
 */
export class FakeControlPlane {
  readonly clientKeys: SshKeyPair = createSshKeyPair();
  readonly key = randomBytes(32);
  readonly keyId = 'fake';
  readonly attempt = randomUUID();
  readonly token = `${this.attempt}.${randomBytes(32).toString('base64url')}`;
  readonly callbackId = randomBytes(65).toString('base64url').slice(0, 86);
  /** Accepted signals, each once, in the order of their acceptance. */
  readonly signals: FakeSignal[] = [];
  readonly chunks: Omit<ChunkReport, 'more'>[] = [];
  /** Bytes of all accepted chunks, each counted once. */
  chunkBytes = 0;
  readonly heartbeats: HeartbeatReport[] = [];
  readonly enrolments: EnrolmentRequest[] = [];
  /** Every request with the status of its answer; 0 for lost ones. */
  readonly requests: { readonly place: FakePlace; readonly id: string; readonly status: number }[] = [];
  /** Whether reports with several pieces are taken; a control plane of before refuses them. */
  takesMore = true;
  /** `watched` in the answers to chunks. */
  watched = false;
  /** Lead of this server's clock over the machine's. */
  clockAheadMs = 0;
  #port = 0;
  readonly #options: FakeControlPlaneOptions;
  readonly #faults: Record<FakePlace, FakeFault[]> = { enrol: [], signal: [], chunks: [], heartbeat: [] };
  readonly #bodies = new Map<string, Buffer>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  constructor(options: FakeControlPlaneOptions) {
    this.#options = options;
  }

  static async start(options: FakeControlPlaneOptions = {}): Promise<FakeControlPlane> {
    const fake = new FakeControlPlane(options);
    await new Promise<void>((resolve, reject) => {
      fake.#server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    fake.#port = (fake.#server.address() as AddressInfo).port;
    return fake;
  }

  get port(): number {
    return this.#port;
  }

  get enrolUrl(): string {
    return `http://127.0.0.1:${this.port}/v1/enrol`;
  }

  get signalUrl(): string {
    return `http://127.0.0.1:${this.port}/v1/signal/${this.callbackId}`;
  }

  /** Returns the variables that the control plane would put into the container's environment. */
  get environment(): Record<string, string> {
    return {
      SIGNAL_URL: this.signalUrl,
      SIGNAL_BODY: JSON.stringify({ taskId: 1, containerName: 'fake' }),
      WIP_ENROL_URL: this.enrolUrl,
      WIP_ENROL: this.token,
    };
  }

  get kinds(): SignalKind[] {
    return this.signals.map((signal) => signal.kind);
  }

  /** Lets the next requests of this kind fail, one fault each. Later requests succeed. */
  failNext(place: FakePlace, ...faults: FakeFault[]): void {
    this.#faults[place].push(...faults);
  }

  /** Returns the chunks of a stream put together. A missing piece is NUL bytes. */
  output(processId: string, stream: StreamName): Buffer {
    const pieces = this.chunks.filter((chunk) => chunk.processId === processId && chunk.stream === stream);
    const decoded = pieces.map(({ offset, data }) => ({ offset, data: Buffer.from(data, 'base64') }));
    const whole = Buffer.alloc(Math.max(0, ...decoded.map(({ offset, data }) => offset + data.length)));
    for (const { offset, data } of decoded) data.copy(whole, offset);
    return whole;
  }

  /** Is not there while `does` runs, as during a restart: what it knows stays, and so does its address. */
  async away<T>(does: () => Promise<T>): Promise<T> {
    await this.close();
    try {
      return await does();
    } finally {
      await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    }
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const place = this.#placeOf(request.url ?? '');
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const id = String(request.headers[HEADER.id] ?? '');
    const fault = place && this.#faults[place].shift();
    if (!place || fault === 'reset') {
      if (place) this.requests.push({ place, id, status: 0 });
      return void response.destroy();
    }
    if (typeof fault === 'object') {
      this.requests.push({ place, id, status: fault.status });
      return void response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
    }
    if (fault === 'hang') return void this.requests.push({ place, id, status: 0 });
    const reply = place === 'enrol' ? this.#enrol(body) : this.#signed(place, request, body);
    this.requests.push({ place, id, status: fault ? 0 : reply.status });
    if (fault === 'lost-answer') return void response.destroy();
    const headers = { 'content-type': 'application/json', date: this.#now().toUTCString(), ...reply.headers };
    response.writeHead(reply.status, headers).end(reply.body === undefined ? '' : JSON.stringify(reply.body));
  }

  #now(): Date {
    return new Date(Date.now() + this.clockAheadMs);
  }

  #placeOf(url: string): FakePlace | undefined {
    if (url === '/v1/enrol') return 'enrol';
    const [, rest] = url.split(`/v1/signal/${this.callbackId}`);
    if (rest === '') return 'signal';
    if (rest === '/chunks') return 'chunks';
    return rest === '/heartbeat' ? 'heartbeat' : undefined;
  }

  #enrol(body: Buffer): Reply {
    const request = EnrolmentRequest.parse(JSON.parse(body.toString()));
    if (request.enrol !== this.token) return { status: 404, body: { code: 'ENROLMENT_REFUSED', message: 'Unknown.' } };
    const [first] = this.enrolments;
    if (first && (first.nonce !== request.nonce || first.hostKey !== request.hostKey)) {
      return { status: 409, body: { code: 'ENROLMENT_REUSED', message: 'Used before.' } };
    }
    this.enrolments.push(request);
    const answer: EnrolmentAnswer = {
      key: this.key.toString('base64'),
      keyId: this.keyId,
      clientKeys: [this.clientKeys.publicLine],
      limits: this.#options.limits ?? { maxTimeSeconds: null, maxDiskGb: null },
      heartbeatSeconds: this.#options.heartbeatSeconds ?? 30,
    };
    return { status: 200, body: answer };
  }

  #signed(place: Exclude<FakePlace, 'enrol'>, request: IncomingMessage, body: Buffer): Reply {
    const webhookId = String(request.headers[HEADER.id]);
    const timestamp = Number(request.headers[HEADER.timestamp]);
    const what = { webhookId, timestamp, callbackId: this.callbackId, body };
    if (
      !webhookId.startsWith(`${this.keyId}:`) ||
      !isSignedBy(this.key, what, String(request.headers[HEADER.signature]))
    ) {
      return { status: 401, body: { code: 'SIGNAL_UNAUTHENTIC', message: 'Bad signature.' } };
    }
    if (Math.abs(this.#now().getTime() / 1_000 - timestamp) > MAX_CLOCK_SKEW_SECONDS) {
      return { status: 401, body: { code: 'SIGNAL_CLOCK_SKEW', message: 'Clock off.' } };
    }
    const isForgotten = place === 'chunks' && this.#options.chunks === 'counted';
    const before = this.#bodies.get(webhookId);
    if (before && !isForgotten && !before.equals(body))
      return { status: 409, body: { code: 'SIGNAL_CONFLICT', message: 'Other body.' } };
    if (!isForgotten && place === 'chunks' && !this.takesMore && hasMore(JSON.parse(body.toString())))
      return { status: 422, body: { code: 'REQUEST_INVALID', message: 'Unrecognised key.' } };
    if (!before && isForgotten) this.chunkBytes += countChunkBytes(body);
    if (!before && !isForgotten) this.#keep(place, webhookId, JSON.parse(body.toString()));
    this.#bodies.set(webhookId, isForgotten ? Buffer.alloc(0) : body);
    // Pieces of a report that is counted only would have to be read one by one.
    const more = this.takesMore && !isForgotten ? { takesMore: true } : {};
    return place === 'chunks' ? { status: 202, body: { watched: this.watched, ...more } } : { status: 202 };
  }

  #keepChunks({ processId, stream, offset, data, more = [] }: ChunkReport): void {
    for (const piece of [{ stream, offset, data }, ...more]) {
      this.chunkBytes += Buffer.byteLength(piece.data, 'base64');
      this.chunks.push({ processId, ...piece });
    }
  }

  #keep(place: Exclude<FakePlace, 'enrol'>, webhookId: string, parsed: unknown): void {
    if (place === 'chunks') return this.#keepChunks(ChunkReport.parse(parsed));
    if (place === 'heartbeat') return void this.heartbeats.push(HeartbeatReport.parse(parsed));
    const body = Signal.parse(parsed);
    const kind = KINDS.get(body.classId);
    if (!kind) throw new Error(`no kind has the class id ${body.classId}`);
    this.signals.push({ sequence: Number(webhookId.split(':')[1]), kind, body });
  }
}

function hasMore(report: unknown): boolean {
  return ChunkReport.parse(report).more !== undefined;
}

/** Counts the bytes of chunks in the agent's form, with the data last. */
function countChunkBytes(body: Buffer): number {
  const [from, to] = [body.indexOf('"data":"') + '"data":"'.length, body.length - '"}'.length];
  const padding = body.subarray(to - 2, to).filter((byte) => byte === '='.charCodeAt(0)).length;
  return ((to - from) / 4) * 3 - padding;
}
