import {
  MAX_OUTPUT_SIGNAL_BYTES,
  type HeartbeatReport,
  type SignalKind,
  type StreamName,
} from '../../shared/protocol/signals.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Log } from '../../shared/system/log.ts';
import { ChunkLane, type ReadOutput } from './chunk-lane.ts';
import { HeartbeatLane } from './heartbeat-lane.ts';
import { printSignal } from './print-signal.ts';
import { REQUEST_TIMEOUT_MS } from './retry-backoff.ts';
import { SignalLane } from './signal-lane.ts';
import { createSignedPost } from './signed-post.ts';
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
  /** Reads output again from its file, when it waits longer than memory has room for it. */
  readonly readOutput: ReadOutput;
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
  /** Masked bytes that begin at `offset` of the stream, copied. Returns at once; nobody waits for chunks. */
  chunk(processId: string, stream: StreamName, offset: number, bytes: Buffer): void;
  /** Bytes of this stream that were given to `chunk` and will never arrive. */
  omitted(processId: string, stream: StreamName): number;
  /** Called at the end of a process: `omitted` then has all that is no longer in its files. */
  settleOutput(processId: string): void;
  /** At most one is under way; a later one replaces an earlier one that has not left. */
  heartbeat(report: HeartbeatReport): void;
  /**
   * Before the exit signal: waits until all output is delivered, or until `abort`. What is left then will never arrive,
   * and `omitted` counts it.
   */
  finishOutput(abort: AbortSignal): Promise<void>;
  /** From now on no request takes longer, those under way included. */
  limitRequests(maxMs: number): void;
  /** Waits until every signal is answered. */
  flush(abort: AbortSignal): Promise<'delivered' | 'undelivered'>;
  /** Ends everything under way; what was not delivered stays in the spool. */
  close(): Promise<void>;
}

// How long a signal waits for output at the most. The last pieces of output come before the signal that ends their
// process, so that a watcher sees them before the end. The drain of the last output is bounded by the same second.
const OUTPUT_FIRST_MS = 1_000;
// Room for the other signals beside an output in one slot of the spool: a hundred process-complete signals.
const OTHER_SIGNALS_BYTES = 64 * 1024;

export function createReporter(options: ReporterOptions): Reporter {
  const { clock, random, log, spool } = options;
  const requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const post = createSignedPost({ ...options, requestTimeoutMs });
  const signals = new SignalLane({ post, spool, clock, random, log });
  const chunks = new ChunkLane({ post, readOutput: options.readOutput, clock, random, log });
  const heartbeats = new HeartbeatLane({ post, log });
  const maxOutputBytes = Math.min(MAX_OUTPUT_SIGNAL_BYTES, spool.capacityBytes - OTHER_SIGNALS_BYTES);

  return {
    async signal(kind, fields) {
      const body = printSignal(kind, options.signalBody, fields, maxOutputBytes);
      await signals.add(kind, body, kind === 'ready' ? undefined : chunks.hurry(OUTPUT_FIRST_MS));
    },
    chunk: (processId, stream, offset, bytes) => chunks.put({ processId, stream, offset, bytes }),
    omitted: (processId, stream) => chunks.omitted(processId, stream),
    settleOutput: (processId) => chunks.settle(processId),
    heartbeat: (report) => heartbeats.put(report),
    finishOutput: (abort) => chunks.finish(abort),
    limitRequests: (maxMs) => post.limitRequests(maxMs),
    flush: async (abort) => ((await signals.flush(abort)) ? 'delivered' : 'undelivered'),
    async close() {
      await Promise.all([signals.close(), chunks.close(), heartbeats.close()]);
    },
  };
}
