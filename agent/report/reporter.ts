import type { HeartbeatReport, SignalKind, StreamName } from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/support/clock.ts';
import type { Log } from '../../shared/support/log.ts';
import type { Spool } from './spool.ts';

export interface ReporterOptions {
  /** Its last path segment is the callback id. */
  readonly signalUrl: string;
  /** SIGNAL_BODY, parsed: every signal lays its own fields over it. */
  readonly signalBody: Readonly<Record<string, unknown>>;
  /** 32 bytes, from the enrolment. */
  readonly key: Buffer;
  readonly keyId: string;
  readonly spool: Spool;
  readonly clock: Clock;
  /** [0, 1), for the jitter of retries. */
  readonly random: () => number;
  readonly log: Log;
  /** How long one request may take before it counts as lost. */
  readonly requestTimeoutMs?: number;
}

/** The only client of the control plane after the enrolment. */
export interface Reporter {
  /** Resolves when the signal is in the spool; it is delivered behind the ones before it. Never rejects. */
  signal(kind: SignalKind, fields: Readonly<Record<string, unknown>>): Promise<void>;
  /** Masked bytes that begin at `offset` of the stream. Returns at once; nobody waits for chunks. */
  chunk(processId: string, stream: StreamName, offset: number, bytes: Buffer): void;
  /** Bytes of this stream that were given to `chunk` and will never arrive. */
  omitted(processId: string, stream: StreamName): number;
  /** At most one is under way; a later one replaces an earlier one that has not left. */
  heartbeat(report: HeartbeatReport): void;
  /** Waits until every signal is answered. Chunks that still wait are tried once and may be dropped. */
  flush(until: AbortSignal): Promise<'delivered' | 'undelivered'>;
  /** Ends everything under way; what was not delivered stays in the spool. */
  close(): Promise<void>;
}
