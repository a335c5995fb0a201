import type { SignalKind } from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Log } from '../../shared/system/log.ts';
import { WakeableTimer } from '../../shared/time/wakeable-timer.ts';
import { deliverOnce } from './deliver-once.ts';
import { judgeSignalAnswer } from './judge-answer.ts';
import { parsePending, printPending, type PendingSignal } from './pending-signals.ts';
import { retryPauseMs } from './retry-backoff.ts';
import type { SignedPost } from './signed-post.ts';
import type { Spool } from './spool.ts';

export interface SignalLaneDeps {
  readonly post: SignedPost;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** The first lane: the four signals, strictly in order, each until it is answered. */
export class SignalLane {
  readonly #deps: SignalLaneDeps;
  readonly #stop = new AbortController();
  readonly #retryTimer: WakeableTimer;
  readonly #pending: PendingSignal[] = [];
  /** Promises, by sequence, that a signal waits for before its first try. */
  readonly #holds = new Map<number, Promise<unknown>>();
  readonly #reloaded: Promise<void>;
  #nextSequence = 1;
  #attempt = 0;
  #delivering: Promise<void> | undefined;

  constructor(deps: SignalLaneDeps) {
    this.#deps = deps;
    this.#retryTimer = new WakeableTimer(deps.clock);
    this.#reloaded = this.#reload();
  }

  /** Resolves when the signal is in the spool. It is not sent before `hold` has resolved. */
  async add(kind: SignalKind, body: Buffer<ArrayBuffer>, hold?: Promise<unknown>): Promise<void> {
    await this.#reloaded; // continuations run in the order of the calls, and so do the numbers
    const sequence = this.#nextSequence;
    this.#nextSequence += 1;
    this.#pending.push({ sequence, kind, body });
    if (hold) this.#holds.set(sequence, hold);
    await this.#save();
    this.#startDelivery();
  }

  /** Tries at once, from the shortest wait. Resolves with true when nothing is pending, and with false on `abort`. */
  async flush(abort: AbortSignal): Promise<boolean> {
    await this.#reloaded;
    this.#attempt = 0;
    this.#retryTimer.wake();
    let onAbort = (): void => undefined;
    const aborted = new Promise<void>((resolve) => (onAbort = resolve));
    abort.addEventListener('abort', onAbort, { once: true });
    while (this.#delivering && !abort.aborted) await Promise.race([this.#delivering, aborted]);
    abort.removeEventListener('abort', onAbort);
    return this.#pending.length === 0;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#retryTimer.wake();
    await this.#reloaded;
    await this.#delivering;
    if (this.#pending.length === 0) await this.#deps.spool.release();
  }

  /**
   * Loads the signals that an earlier process of this container left. Signals of another container are not ours to
   * send.
   */
  async #reload(): Promise<void> {
    const { post, spool, log } = this.#deps;
    const content = await spool.load();
    const left = content && parsePending(content);
    if (!left || left.callbackId !== post.callbackId || left.keyId !== post.keyId) return;
    this.#nextSequence = left.nextSequence;
    this.#pending.push(...left.signals);
    if (left.signals.length > 0) log.info({ signals: left.signals.length }, 'delivering signals found in the spool');
    this.#startDelivery();
  }

  async #save(): Promise<void> {
    const { post, spool } = this.#deps;
    const { callbackId, keyId } = post;
    await spool.save(printPending({ callbackId, keyId, nextSequence: this.#nextSequence, signals: this.#pending }));
  }

  #startDelivery(): void {
    if (this.#delivering || this.#pending.length === 0 || this.#stop.signal.aborted) return;
    this.#delivering = this.#deliverAll().finally(() => {
      this.#delivering = undefined;
      this.#startDelivery(); // for one that was added between the last reading and here
    });
  }

  async #deliverAll(): Promise<void> {
    for (let first = this.#pending[0]; first && !this.#stop.signal.aborted; first = this.#pending[0]) {
      await this.#holds.get(first.sequence);
      this.#holds.delete(first.sequence);
      await this.#deliver(first);
    }
  }

  async #deliver(first: PendingSignal): Promise<void> {
    const { sequence, kind, body } = first;
    const request = { to: 'signal', id: String(sequence), body } as const;
    const { clock, log, post, random } = this.#deps;
    const startedMs = clock.monotonicMs();
    const { verdict } = await deliverOnce(post, request, judgeSignalAnswer, this.#stop.signal);
    if (this.#stop.signal.aborted && verdict.kind === 'retry') return;
    if (verdict.kind === 'retry') {
      const tookMs = clock.monotonicMs() - startedMs;
      const pauseMs = retryPauseMs({ attempt: this.#attempt, tookMs, askedMs: verdict.afterMs }, random);
      return this.#waitToRetry(first, verdict.why, pauseMs);
    }
    if (verdict.kind === 'ended') log.error({ sequence, kind, status: verdict.status }, 'signal refused for good');
    else log.info({ sequence, kind }, 'signal accepted');
    this.#attempt = 0;
    this.#pending.shift();
    await this.#save();
  }

  async #waitToRetry(signal: PendingSignal, why: string, waitMs: number): Promise<void> {
    this.#attempt += 1;
    const { sequence, kind } = signal;
    this.#deps.log.warn({ sequence, kind, attempt: this.#attempt, why, waitMs }, 'signal not answered, trying again');
    this.#retryTimer.reset(); // A flush before has shortened the earlier wait, not this one.
    await this.#retryTimer.sleep(waitMs);
  }
}
