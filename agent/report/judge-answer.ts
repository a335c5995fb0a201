import { retryAfterMs } from '../../shared/http/retry-after.ts';
import { jsonOrUndefined } from '../../shared/text/json-or-undefined.ts';
import { type HttpAnswer } from './http-post.ts';

/** Meaning of an answer for the sender of the request. */
export type AnswerVerdict =
  | { readonly kind: 'accepted' }
  /** Refused for good: sending the same bytes again cannot help. */
  | { readonly kind: 'ended'; readonly status: number }
  /** The server's clock and ours differ too much: sign again with its time. */
  | { readonly kind: 'clock-skew'; readonly serverTime: Date }
  /** Try again; `afterMs` when the server named a time. */
  | { readonly kind: 'retry'; readonly why: string; readonly afterMs?: number };

/** Statuses that no repetition can change. The sender retries every other one without a limit of count. */
const FINAL_STATUS: ReadonlySet<number> = new Set([409, 413, 422]);

/** 202 only: it is sent after the commit, and a proxy that answers 200 by itself must not swallow a signal. */
export function judgeSignalAnswer(answer: HttpAnswer, now: Date): AnswerVerdict {
  return judge(answer, now, (status) => status === 202);
}

/** Chunks and heartbeats may be lost, so any success is one. */
export function judgeReportAnswer(answer: HttpAnswer, now: Date): AnswerVerdict {
  return judge(answer, now, (status) => status >= 200 && status < 300);
}

function judge(answer: HttpAnswer, now: Date, isAccepted: (status: number) => boolean): AnswerVerdict {
  if (answer.kind === 'lost') return { kind: 'retry', why: answer.why };
  if (isAccepted(answer.status)) return { kind: 'accepted' };
  if (FINAL_STATUS.has(answer.status)) return { kind: 'ended', status: answer.status };
  if (answer.status === 401 && saysClockSkew(answer.text) && answer.date !== null) {
    const serverTime = new Date(answer.date);
    if (!Number.isNaN(serverTime.getTime())) return { kind: 'clock-skew', serverTime };
  }
  const afterMs = retryAfterMs(answer.retryAfter, now);
  const why = `status ${answer.status}`;
  return afterMs === undefined ? { kind: 'retry', why } : { kind: 'retry', why, afterMs };
}

function saysClockSkew(text: string): boolean {
  const body = jsonOrUndefined(text);
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
  return code === 'SIGNAL_CLOCK_SKEW' || code === 'clock_skew';
}
