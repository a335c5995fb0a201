import { HEADER } from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { FollowingAbort } from '../../shared/time/following-abort.ts';
import { sign } from '../../shared/keys/signing.ts';
import { postOnce, type HttpAnswer } from './http-post.ts';

export interface SignedPostOptions {
  readonly signalUrl: string;
  readonly key: Buffer;
  readonly keyId: string;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
}

export interface UnsignedRequest {
  readonly to: 'signal' | 'chunks' | 'heartbeat';
  /** The part after `<key id>:` of the webhook id. */
  readonly id: string;
  readonly body: Buffer<ArrayBuffer>;
}

/** Signs each request with the time of its sending and posts it. */
export interface SignedPost {
  readonly callbackId: string;
  readonly keyId: string;
  /** The server's time as far as we know it. */
  now(): Date;
  send(request: UnsignedRequest, abort: AbortSignal): Promise<HttpAnswer>;
  /** From now on no request takes longer, those under way included; no answer within the time counts as lost. */
  limitRequests(maxMs: number): void;
  /** Takes over the server's time, with which later requests are signed. */
  learnTime(serverTime: Date): void;
}

export function createSignedPost(options: SignedPostOptions): SignedPost {
  const { clock, key, keyId } = options;
  const base = options.signalUrl.replace(/\/+$/, '');
  const callbackId = new URL(base).pathname.split('/').at(-1) ?? '';
  const urls = { signal: new URL(base), chunks: new URL(`${base}/chunks`), heartbeat: new URL(`${base}/heartbeat`) };
  const underWay = new Set<FollowingAbort>();
  let { requestTimeoutMs: timeoutMs } = options;
  let aheadMs = 0;
  const now = (): Date => new Date(clock.now().getTime() + aheadMs);

  return {
    callbackId,
    keyId,
    now,
    async send(request, abort) {
      const webhookId = `${keyId}:${request.id}`;
      const timestamp = Math.floor(now().getTime() / 1_000);
      const headers = {
        [HEADER.id]: webhookId,
        [HEADER.timestamp]: String(timestamp),
        [HEADER.signature]: sign(key, { webhookId, timestamp, callbackId, body: request.body }),
      };
      const patience = new FollowingAbort(abort);
      underWay.add(patience);
      try {
        return await postOnce({ url: urls[request.to], headers, body: request.body, timeoutMs }, patience.signal);
      } finally {
        patience.release();
        underWay.delete(patience);
      }
    },
    limitRequests(maxMs) {
      timeoutMs = Math.min(timeoutMs, maxMs);
      const late = [...underWay];
      void clock.sleep(maxMs).then(() => {
        for (const patience of late) patience.abort();
      });
    },
    learnTime(serverTime) {
      aheadMs = serverTime.getTime() - clock.now().getTime();
    },
  };
}
