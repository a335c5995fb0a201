import { ChunkAnswer, type StreamName } from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/support/clock.ts';
import type { Log } from '../../shared/support/log.ts';
import { createChunkQueue, type Piece } from './chunk-queue.ts';
import { deliverOnce } from './deliver-once.ts';
import { jsonOf, type HttpAnswer } from './http-post.ts';
import { judgeReportAnswer } from './judge-answer.ts';
import { createNap, type Nap } from './nap.ts';
import { createChunkPrinter } from './print-chunk.ts';
import { retryPauseMs } from './retry-backoff.ts';
import type { SignedPost } from './signed-post.ts';

// signals.md 3: sent when so much waits, or so long after the first byte; sooner while somebody looks on.
const ENOUGH_BYTES = 256 * 1024;
const UNWATCHED_MS = 5_000;
const WATCHED_MS = 1_000;

export interface ChunkLaneWorld {
  readonly post: SignedPost;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** The second lane: live output. It may lose, it says how much, and it holds up a signal for a moment at most. */
export class ChunkLane {
  readonly #world: ChunkLaneWorld;
  readonly #queue = createChunkQueue();
  /** One piece is under way at a time. */
  readonly #print = createChunkPrinter();
  readonly #stop = new AbortController();
  /** Until enough has come; cut short by more output. */
  readonly #collecting: Nap;
  /** Between tries; not cut short by output, or a fast writer would undo the backoff. */
  readonly #backingOff: Nap;
  #firstByteAtMs = 0;
  #isWatched = false;
  #hurries = 0;
  #mayRetry = true;
  #sending: Promise<void> | undefined;

  constructor(world: ChunkLaneWorld) {
    this.#world = world;
    this.#collecting = createNap(world.clock);
    this.#backingOff = createNap(world.clock);
  }

  put(piece: Piece): void {
    if (this.#stop.signal.aborted) return this.#queue.drop(piece, piece.bytes.length);
    if (this.#queue.waitingBytes === 0) this.#firstByteAtMs = this.#world.clock.monotonicMs();
    this.#queue.put(piece);
    if (this.#queue.waitingBytes >= ENOUGH_BYTES) this.#collecting.wake();
    this.#startSending();
  }

  omitted(processId: string, stream: StreamName): number {
    return this.#queue.omitted(processId, stream);
  }

  /** Sends what waits at once; resolves when the lane is empty or `limitMs` have passed. */
  async hurry(limitMs: number): Promise<void> {
    if (!this.#sending) return;
    this.#hurries += 1;
    this.#collecting.wake();
    const limit = new AbortController();
    await Promise.race([this.#sending, this.#world.clock.sleep(limitMs, limit.signal)]);
    limit.abort();
    this.#hurries -= 1;
  }

  /** Like `hurry`, at the stop: each piece is tried once more and then dropped. */
  async finish(limitMs: number): Promise<void> {
    this.#mayRetry = false;
    this.#backingOff.wake();
    await this.hurry(limitMs);
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
      this.#startSending(); // for bytes that came between the last look and here
    });
  }

  #msUntilDue(): number {
    if (this.#stop.signal.aborted || this.#hurries > 0 || this.#queue.waitingBytes >= ENOUGH_BYTES) return 0;
    const patienceMs = this.#isWatched ? WATCHED_MS : UNWATCHED_MS;
    return this.#firstByteAtMs + patienceMs - this.#world.clock.monotonicMs();
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.waitingBytes > 0 && !this.#stop.signal.aborted) {
      for (let leftMs = this.#msUntilDue(); leftMs > 0; leftMs = this.#msUntilDue())
        await this.#collecting.sleep(leftMs);
      let dueBytes = this.#queue.waitingBytes; // what comes while these are sent waits for its own turn
      while (dueBytes > 0) {
        const piece = this.#queue.take();
        if (!piece) break;
        dueBytes -= piece.bytes.length;
        this.#firstByteAtMs = this.#world.clock.monotonicMs();
        await this.#send(piece);
      }
    }
  }

  async #send(piece: Piece): Promise<void> {
    const { post, clock, log, random } = this.#world;
    const { processId, stream, offset } = piece;
    const request = {
      to: 'chunks',
      id: `${processId}:${stream}:${offset}`,
      body: this.#print(piece),
    } as const;
    for (let attempt = 0; !this.#stop.signal.aborted; attempt += 1) {
      const startedMs = clock.monotonicMs();
      const { verdict, answer } = await deliverOnce(post, request, judgeReportAnswer, this.#stop.signal);
      if (verdict.kind === 'accepted') {
        this.#isWatched = saysWatched(answer);
        return;
      }
      if (verdict.kind === 'ended' || !this.#mayRetry) {
        const why = verdict.kind === 'ended' ? `status ${verdict.status}` : verdict.why;
        log.warn({ processId, stream, offset, bytes: piece.bytes.length, why }, 'piece of output dropped');
        break;
      }
      const tookMs = clock.monotonicMs() - startedMs;
      await this.#backingOff.sleep(retryPauseMs({ attempt, tookMs, askedMs: verdict.afterMs }, random));
    }
    this.#queue.drop(piece, piece.bytes.length);
  }
}

function saysWatched(answer: HttpAnswer): boolean {
  const parsed = ChunkAnswer.safeParse(answer.kind === 'answer' ? jsonOf(answer.text) : undefined);
  return parsed.success && parsed.data.watched;
}
