import type { HeartbeatReport } from '../../shared/protocol/signals.ts';
import type { Log } from '../../shared/system/log.ts';
import { deliverOnce } from './deliver-once.ts';
import { judgeReportAnswer } from './judge-answer.ts';
import type { SignedPost } from './signed-post.ts';

/** Heartbeats are not retried: the next one says more. One is under way at a time, and only the newest waits. */
export class HeartbeatLane {
  readonly #post: SignedPost;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #next: HeartbeatReport | undefined;
  #sent = 0;
  #sending: Promise<void> | undefined;

  constructor(deps: { post: SignedPost; log: Log }) {
    this.#post = deps.post;
    this.#log = deps.log;
  }

  put(report: HeartbeatReport): void {
    this.#next = report;
    this.#startSending();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#next = undefined;
    await this.#sending;
  }

  #startSending(): void {
    if (this.#sending || !this.#next || this.#stop.signal.aborted) return;
    const report = this.#next;
    this.#next = undefined;
    this.#sending = this.#send(report).finally(() => {
      this.#sending = undefined;
      this.#startSending();
    });
  }

  async #send(report: HeartbeatReport): Promise<void> {
    this.#sent += 1;
    const request = {
      to: 'heartbeat',
      id: `heartbeat:${this.#sent}`,
      body: Buffer.from(JSON.stringify(report)),
    } as const;
    const { verdict } = await deliverOnce(this.#post, request, judgeReportAnswer, this.#stop.signal);
    if (verdict.kind === 'accepted' || this.#stop.signal.aborted) return;
    const why = verdict.kind === 'ended' ? `status ${verdict.status}` : verdict.why;
    this.#log.warn({ why }, 'heartbeat not accepted');
  }
}
