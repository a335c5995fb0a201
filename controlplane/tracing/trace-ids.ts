import { sha256Hex } from '../../shared/keys/signing.ts';

/** A span's place in its trace. All of it follows from the record, so that any node, at any time, makes the same ids. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** The trace of a task: its uuid without the hyphens has the form of a trace id (W3C Trace Context). */
export function traceIdOf(taskUuid: string): string {
  return taskUuid.replaceAll('-', '').toLowerCase();
}

export function spanIdOf(taskUuid: string, ...what: readonly (string | number)[]): string {
  return sha256Hex(JSON.stringify([taskUuid, ...what])).slice(0, 16);
}

export function attemptSpanId(taskUuid: string, attemptUuid: string): string {
  return spanIdOf(taskUuid, 'attempt', attemptUuid);
}

/** The value of `traceparent` with which spans of a build become children of the attempt's. */
export function traceparentOf({ traceId, spanId }: SpanIds, sampled: 'sampled' | 'not-sampled'): string {
  return `00-${traceId}-${spanId}-${sampled === 'sampled' ? '01' : '00'}`;
}
