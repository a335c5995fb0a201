import { z } from 'zod';
import { identifier } from '../model/identifier.ts';
import { StopCause } from '../model/stop-cause.ts';
import { Timestamp } from '../model/timestamp.ts';

/**
 * The four signals that change a task, and the two reports that do not. The first three class ids and their
 * field names are the established ones, so that an older image's shell entrypoint keeps working.
 */
export const CLASS_ID = {
  ready: '$acquia.wip.signal.container.complete',
  output: '$acquia.wip.signal.container.terminated',
  exit: '$acquia.wip.signal.container.data',
  processComplete: '$acquia.wip.signal.ssh.complete',
} as const;
export type SignalKind = keyof typeof CLASS_ID;

/** `type` as established: 1 something is complete, 2 data, 3 terminated. */
export const SIGNAL_TYPE: Record<SignalKind, number> = { ready: 1, output: 3, exit: 2, processComplete: 1 };

/** Bodies above these are refused by the server and cut (and counted) by the agent. */
export const MAX_SIGNAL_BYTES = 64 * 1024;
export const MAX_CHUNK_BYTES = 1024 * 1024;
export const MAX_OUTPUT_SIGNAL_BYTES = 4 * 1024 * 1024;

/** Maximum number of pieces in one report, so that its transaction in the control plane stays below a tenth of a second. */
export const MAX_CHUNK_PIECES = 64;

/** Bytes kept of the beginning and of the end of each stream of a process (signal "output", spool). */
export const HEAD_BYTES = 64 * 1024;
export const TAIL_BYTES = 1024 * 1024;
/** `log` of the output signal: text for people. */
export const MAX_LOG_BYTES = 64 * 1024;

const Count = z.number().int().min(0);
const Nullable = z.number().nullable();

/** Resource usage of one container; unknown is null, never 0. */
export const Usage = z.object({
  wallSeconds: z.number(),
  cpuSeconds: Nullable,
  memoryPeakBytes: Nullable,
  oomKills: Nullable,
  disk: z.object({
    initialBytes: Nullable,
    workloadBytes: Nullable,
    peakBytes: Nullable,
    inodesPeak: Nullable,
    method: z.enum(['statfs', 'changed-files']).nullable(),
    confidence: z.enum(['exact', 'estimated', 'stale', 'unknown']),
  }),
  processes: z.object({ started: Count, peak: Count }),
  output: z.object({ bytes: Count, omitted: Count }),
  network: z.object({ rx: z.number(), tx: z.number() }).nullable().optional(),
});
export type Usage = z.infer<typeof Usage>;

/** One stream as the output signal carries it. `omitted` counts bytes between head and tail. */
export const StreamEnds = z.object({ head: z.base64(), tail: z.base64(), bytes: Count, omitted: Count });
export type StreamEnds = z.infer<typeof StreamEnds>;

/** Why a process ended. A stop cause means that the agent killed the process for that cause. */
export const ProcessEndReason = z.union([z.enum(['exited', 'killed', 'oom', 'cancelled', 'spawn-failed']), StopCause]);
export type ProcessEndReason = z.infer<typeof ProcessEndReason>;

export const ProcessResult = z.object({
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  reason: ProcessEndReason,
  /** Unix seconds. */
  endTime: z.number(),
});
export type ProcessResult = z.infer<typeof ProcessResult>;

/**
 * The fields that signals have by the protocol. Others are kept, and need another type to be read: else a misspelt field
 * would compile.
 */
export type KnownFields<T> = { [Field in keyof T as string extends Field ? never : Field]: T[Field] };

/** Every signal body is the container's SIGNAL_BODY merged with these fields, so unknown fields are allowed. */
export const ReadySignal = z.looseObject({
  classId: z.literal(CLASS_ID.ready),
  type: z.literal(SIGNAL_TYPE.ready).optional(),
  pid: z.number().int().positive(),
  /** Unix seconds. */
  startTime: z.number(),
  host: z.string().optional(),
  /** Hints: container port → the port at which it can be reached. The address that ECS reports takes precedence. */
  ports: z.record(z.string(), z.number().int().positive()).optional(),
  socket: z.string().optional(),
  shutdownFile: z.string().optional(),
  initialDisk: z.number().optional(),
  isolation: z.enum(['container', 'none']).optional(),
  agentVersion: z.string().optional(),
  uncoveredMounts: z.array(z.string()).optional(),
});
export type ReadySignal = KnownFields<z.infer<typeof ReadySignal>>;

export const OutputSignal = z.looseObject({
  classId: z.literal(CLASS_ID.output),
  type: z.literal(SIGNAL_TYPE.output).optional(),
  /** One sentence for people: why the container is being terminated. */
  exitLog: z.string(),
  log: z.string(),
  stdout: StreamEnds.optional(),
  stderr: StreamEnds.optional(),
  process: z
    .object({ id: z.string(), command: z.string(), user: z.string().nullable(), runtimeSeconds: z.number() })
    .optional(),
  cause: StopCause.optional(),
  causes: z.array(StopCause).optional(),
});
export type OutputSignal = KnownFields<z.infer<typeof OutputSignal>>;

export const ExitSignal = z.looseObject({
  classId: z.literal(CLASS_ID.exit),
  type: z.literal(SIGNAL_TYPE.exit).optional(),
  /** Seconds the container ran, whole. */
  time: z.number(),
  /** GB (10^9 bytes) the workload used. */
  disk: z.number().nullable(),
  initial_disk: z.number().nullable(),
  usage: Usage.optional(),
  cause: StopCause.optional(),
  causes: z.array(StopCause).optional(),
  exitCode: z.number().int().optional(),
});
export type ExitSignal = KnownFields<z.infer<typeof ExitSignal>>;

export const ProcessCompleteSignal = z.looseObject({
  classId: z.literal(CLASS_ID.processComplete),
  type: z.literal(SIGNAL_TYPE.processComplete).optional(),
  pid: z.number().int().nullable(),
  startTime: z.number(),
  server: z.string().optional(),
  /** The key under which the process was started over the agent API. */
  processId: z.string(),
  result: ProcessResult,
  bytes: z.object({ stdout: Count, stderr: Count }),
  omitted: z.object({ stdout: Count, stderr: Count }),
});
export type ProcessCompleteSignal = KnownFields<z.infer<typeof ProcessCompleteSignal>>;

export const Signal = z.discriminatedUnion('classId', [ReadySignal, OutputSignal, ExitSignal, ProcessCompleteSignal]);
export type Signal = ReadySignal | OutputSignal | ExitSignal | ProcessCompleteSignal;

export type StreamName = 'stdout' | 'stderr';

const chunkPiece = {
  stream: z.enum(['stdout', 'stderr']),
  offset: Count,
  /** Base64; at most MAX_CHUNK_BYTES of body in all. */
  data: z.base64(),
};

/** A piece of a process's output: `POST <SIGNAL_URL>/chunks`. Unique per (attempt, process, stream, offset). */
export const ChunkReport = z.strictObject({
  processId: identifier(256),
  ...chunkPiece,
  /** Pieces that the process wrote after this one. Only for a control plane whose last answer had `takesMore`. */
  more: z
    .array(z.strictObject(chunkPiece))
    .min(1)
    .max(MAX_CHUNK_PIECES - 1)
    .optional(),
});
export type ChunkReport = z.infer<typeof ChunkReport>;

/** The server's answer to a chunk. While somebody watches, the agent sends chunks sooner. */
export const ChunkAnswer = z.object({
  watched: z.boolean(),
  /** Whether a report may have `more`. Earlier control planes refuse it. */
  takesMore: z.boolean().default(false),
});
export type ChunkAnswer = z.infer<typeof ChunkAnswer>;

/** `POST <SIGNAL_URL>/heartbeat`. */
export const HeartbeatReport = z.strictObject({
  at: Timestamp,
  usage: Usage,
  /** Grows with output, cpu time, written bytes and new children of the build. */
  progress: Count,
  secondsToTimeLimit: Nullable,
  secondsToDiskLimit: Nullable,
});
export type HeartbeatReport = z.infer<typeof HeartbeatReport>;

/** Headers of every signed request (the Standard Webhooks shape). */
export const HEADER = {
  id: 'webhook-id',
  timestamp: 'webhook-timestamp',
  signature: 'webhook-signature',
} as const;

/** Signatures whose timestamp differs from now by more than this are refused: 5 minutes, as Standard Webhooks recommends. */
export const MAX_CLOCK_SKEW_SECONDS = 300;

/**
 * The beginning of the signed text; the raw body follows it, because it is verified before it is parsed. It contains the callback
 * id instead of the path, because proxies rewrite paths.
 */
export function signedPrefix(webhookId: string, timestamp: number, callbackId: string): string {
  return `${webhookId}.${timestamp}.${callbackId}.`;
}
