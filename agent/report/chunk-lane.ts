import { ChunkAnswer, MAX_CHUNK_PIECES, type StreamName } from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Log } from '../../shared/system/log.ts';
import { WakeableTimer } from '../../shared/time/wakeable-timer.ts';
import { createChunkQueue, MAX_PIECE_BYTES, type LeftInFile, type OutputPiece } from './chunk-queue.ts';
import { deliverOnce } from './deliver-once.ts';
import { jsonOrUndefined } from '../../shared/text/json-or-undefined.ts';
import { withinTime } from '../../shared/time/within-time.ts';
import { type HttpAnswer } from './http-post.ts';
import { judgeReportAnswer } from './judge-answer.ts';
import { createChunkPrinter } from './print-chunk.ts';
import { retryPauseMs } from './retry-backoff.ts';
import type { SignedPost } from './signed-post.ts';

// Output is sent when this much waits. Less is sent after the pauses below (all chosen).
const ENOUGH_BYTES = 256 * 1024;
/** Pause after the first byte: what is written in one go travels in one request, and is still seen at once. */
const GATHER_MS = 50;
/** Pause between two reports of a build that nobody watches: few requests. */
const UNWATCHED_MS = 5_000;
/** Pause between two reports of a build that somebody watches: a line is on the screen within a quarter of a second. */
const WATCHED_MS = 100;
// The longest pause between tries at the end of a container, so that a control plane that comes back in its last
// seconds still gets the output. Chosen: after an outage, a thousand ended containers are 200 requests a second.
const LAST_PAUSE_MS = 5_000;

/**
 * Reads masked bytes of a process's stream again, for output that memory had no room for. The answer's offset is later
 * where a part is no longer there; it is empty when nothing is.
 */
export type ReadOutput = (
  processId: string,
  stream: StreamName,
  offset: number,
  maxBytes: number,
) => { readonly offset: number; readonly data: Buffer };

interface RestOfFile extends Omit<LeftInFile, 'offset' | 'length'> {
  offset: number;
  length: number;
}

const STREAMS = ['stdout', 'stderr'] as const;

export interface ChunkLaneDeps {
  readonly readOutput: ReadOutput;
  readonly post: SignedPost;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/**
 * The second lane: live output. What memory cannot hold is read from its file when its turn comes. What the file no longer
 * has, or nobody takes before the stop, is lost and counted. A signal is held up for a moment at most.
 */
export class ChunkLane {
  readonly #deps: ChunkLaneDeps;
  readonly #queue = createChunkQueue();
  /** One piece is under way at a time. */
  readonly #print = createChunkPrinter();
  readonly #stop = new AbortController();
  /** Wait until enough output has come. More output cuts it short. */
  readonly #collecting: WakeableTimer;
  /** Wait between tries. Output does not cut it short, or a fast writer would undo the backoff. */
  readonly #backingOff: WakeableTimer;
  #firstByteAtMs = 0;
  #lastReportAtMs = -Infinity;
  #isWatched = false;
  /** Whether the control plane takes several pieces in one report. */
  #takesMore = false;
  #hurries = 0;
  #maxPauseMs = Infinity;
  #sending: Promise<void> | undefined;
  /** The rest of the entry that is being sent from its file. */
  #rest: RestOfFile | undefined;

  constructor(deps: ChunkLaneDeps) {
    this.#deps = deps;
    this.#collecting = new WakeableTimer(deps.clock);
    this.#backingOff = new WakeableTimer(deps.clock);
  }

  put(piece: OutputPiece): void {
    if (this.#stop.signal.aborted) return this.#queue.drop(piece, piece.bytes.length);
    if (this.#queue.waitingBytes === 0) this.#firstByteAtMs = this.#deps.clock.monotonicMs();
    this.#queue.put(piece);
    if (this.#queue.waitingBytes >= ENOUGH_BYTES) this.#collecting.wake();
    this.#startSending();
  }

  omitted(processId: string, stream: StreamName): number {
    return this.#queue.omitted(processId, stream);
  }

  /**
   * Counts what of an ended process is no longer in its files. No more of it is lost afterwards, unless the control plane
   * refuses it or does not take it until the stop.
   */
  settle(processId: string): void {
    for (const stream of STREAMS) {
      const { offset, data } = this.#deps.readOutput(processId, stream, 0, 1);
      const first = data.length === 0 ? Infinity : offset;
      if (this.#rest?.processId === processId && this.#rest.stream === stream) this.#skipTo(this.#rest, first);
      this.#queue.dropFromFile({ processId, stream }, first);
    }
  }

  /** Sends what waits at once; resolves when the lane is empty or `limitMs` have passed. */
  async hurry(limitMs: number): Promise<void> {
    if (!this.#sending) return;
    this.#hurries += 1;
    this.#collecting.wake();
    await withinTime(this.#sending, { clock: this.#deps.clock, limitMs });
    this.#hurries -= 1;
  }

  /** At the stop: sends what waits, with retries, until `abort`; the rest is lost from then on. */
  async finish(abort: AbortSignal): Promise<void> {
    const close = (): void => void this.close();
    if (abort.aborted) close();
    abort.addEventListener('abort', close, { once: true });
    this.#maxPauseMs = LAST_PAUSE_MS;
    this.#hurries += 1;
    this.#backingOff.wake();
    this.#collecting.wake();
    await this.#sending;
    abort.removeEventListener('abort', close);
    await this.close();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#collecting.wake();
    this.#backingOff.wake();
    await this.#sending;
    this.#queue.dropAll();
  }

  #startSending(): void {
    if (this.#sending || this.#queue.waitingBytes === 0 || this.#stop.signal.aborted) return;
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = undefined;
      this.#startSending(); // for bytes that came between the last reading and here
    });
  }

  #msUntilDue(): number {
    if (this.#stop.signal.aborted || this.#hurries > 0 || this.#queue.waitingBytes >= ENOUGH_BYTES) return 0;
    const betweenMs = this.#isWatched ? WATCHED_MS : UNWATCHED_MS;
    const dueAtMs = Math.max(this.#firstByteAtMs + GATHER_MS, this.#lastReportAtMs + betweenMs);
    return dueAtMs - this.#deps.clock.monotonicMs();
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.waitingBytes > 0 && !this.#stop.signal.aborted) {
      for (let leftMs = this.#msUntilDue(); leftMs > 0; leftMs = this.#msUntilDue()) {
        this.#collecting.reset();
        await this.#collecting.sleep(leftMs);
      }
      this.#lastReportAtMs = this.#deps.clock.monotonicMs();
      let dueBytes = this.#queue.waitingBytes; // what comes while these are sent waits for its own turn
      while (dueBytes > 0) {
        const next = this.#queue.take();
        if (!next) break;
        this.#firstByteAtMs = this.#deps.clock.monotonicMs();
        dueBytes -= await ('bytes' in next ? this.#sendWithMore(next) : this.#sendFromFile(next));
      }
    }
  }

  /** Returns how many bytes it took from the queue. */
  async #sendWithMore(first: OutputPiece): Promise<number> {
    const more = this.#takesMore ? this.#queue.takeMore(first, MAX_CHUNK_PIECES - 1) : [];
    await this.#send(first, more);
    return more.reduce((sum, { bytes }) => sum + bytes.length, first.bytes.length);
  }

  async #sendFromFile(left: LeftInFile): Promise<number> {
    const rest = { ...left };
    this.#rest = rest;
    while (rest.length > 0 && !this.#stop.signal.aborted) {
      const { processId, stream, offset, length } = rest;
      const read = this.#deps.readOutput(processId, stream, offset, Math.min(MAX_PIECE_BYTES, length));
      this.#skipTo(rest, read.data.length === 0 ? Infinity : read.offset);
      const piece = { processId, stream, offset: rest.offset, bytes: read.data.subarray(0, rest.length) };
      moveOn(rest, piece.bytes.length);
      if (piece.bytes.length > 0) await this.#send(piece, []);
    }
    this.#rest = undefined;
    this.#queue.drop(rest, rest.length);
    return left.length;
  }

  /** What lies before `first` is no longer in the file. */
  #skipTo(rest: RestOfFile, first: number): void {
    const bytes = Math.min(rest.length, Math.max(0, first - rest.offset));
    if (bytes > 0) this.#lose(rest, bytes, 'no longer in its file');
    moveOn(rest, bytes);
  }

  #lose(piece: Omit<OutputPiece, 'bytes'>, bytes: number, why: string): void {
    const { processId, stream, offset } = piece;
    this.#deps.log.warn({ processId, stream, offset, bytes, why }, 'piece of output dropped');
    this.#queue.drop(piece, bytes);
  }

  async #send(first: OutputPiece, more: readonly OutputPiece[]): Promise<void> {
    const { post, clock, random } = this.#deps;
    const { processId, stream, offset } = first;
    const request = {
      to: 'chunks',
      id: `${processId}:${stream}:${offset}`,
      body: this.#print(first, more),
    } as const;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
      const startedMs = clock.monotonicMs();
      const { verdict, answer } = await deliverOnce(post, request, judgeReportAnswer, this.#stop.signal);
      if (verdict.kind === 'accepted') {
        ({ watched: this.#isWatched, takesMore: this.#takesMore } = readAnswer(answer));
        return;
      }
      if (verdict.kind === 'ended' && more.length > 0) return this.#sendEach([first, ...more]);
      if (verdict.kind === 'ended') return this.#lose(first, first.bytes.length, `status ${verdict.status}`);
      const tookMs = clock.monotonicMs() - startedMs;
      const pauseMs = retryPauseMs({ attempt, tookMs, askedMs: verdict.afterMs }, random);
      this.#backingOff.reset(); // the pause is of now: what was told to hurry before has shortened it already
      await this.#backingOff.sleep(Math.min(pauseMs, this.#maxPauseMs), this.#stop.signal);
    }
    for (const piece of [first, ...more]) this.#queue.drop(piece, piece.bytes.length);
  }

  /** After a refusal: perhaps this node of the control plane is older than the last one. */
  async #sendEach(pieces: readonly OutputPiece[]): Promise<void> {
    for (const piece of pieces) await this.#send(piece, []);
  }
}

function moveOn(rest: RestOfFile, bytes: number): void {
  rest.offset += bytes;
  rest.length -= bytes;
}

function readAnswer(answer: HttpAnswer): ChunkAnswer {
  const parsed = ChunkAnswer.safeParse(answer.kind === 'answer' ? jsonOrUndefined(answer.text) : undefined);
  return parsed.success ? parsed.data : { watched: false, takesMore: false };
}
