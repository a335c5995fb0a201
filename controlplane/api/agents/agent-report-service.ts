import type { CallbackId, TaskId } from '../../../shared/model/ids.ts';
import {
  CLASS_ID,
  type HeartbeatReport,
  type Signal,
  type SignalKind,
  type StreamName,
} from '../../../shared/protocol/signals.ts';
import { findStepHeaders } from '../../../shared/protocol/step-header.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { openSealed, type MasterKey } from '../../../shared/keys/sealing.ts';
import type { EngineDeps } from '../../engine/engine-deps.ts';
import { findAttempt } from '../../store/attempts/find-attempt.ts';
import { noteStepHeaders } from '../../store/attempts/note-step-headers.ts';
import { isDatabaseTrouble } from '../../store/database-trouble.ts';
import { appendChunks } from '../../store/output/append-chunk.ts';
import { appendUsageSamples, type UsageReport } from '../../store/output/append-usage-samples.ts';
import type { Db } from '../../store/schema.ts';
import { recordSignal } from '../../store/signals/record-signal.ts';
import { limitConcurrency } from '../limits/limit-concurrency.ts';
import type { WatchedChange } from '../tasks/streams/task-watchers.ts';
import { gatherReports } from './gather-reports.ts';
import { rememberSenderKeys, type SenderKey } from './sender-keys.ts';
import { signingKeyContext } from '../../store/secrets/seal-contexts.ts';

/** A signal whose sender was verified and whose body was parsed. */
export interface VerifiedSignal {
  readonly callbackId: CallbackId;
  readonly taskId: TaskId;
  readonly webhookId: string;
  /** The number of the signal in the order in which the agent first sent its signals, from 1. */
  readonly sequence: number;
  readonly kind: SignalKind;
  readonly signal: Signal;
  /** Hex. Distinguishes a repetition from another body under the same id. */
  readonly bodySha256: string;
}

/**
 * `conflict`: this webhook id came with another body before. `ended`: the container has sent its exit. `full`: no more
 * signals of the container are kept.
 */
export type SignalOutcome = 'recorded' | 'repeated' | 'conflict' | 'ended' | 'full' | 'unknown';

export interface ReceivedChunk {
  readonly processId: string;
  readonly stream: StreamName;
  readonly offset: number;
  readonly data: Buffer;
}

export interface ReceivedOutput {
  readonly callbackId: CallbackId;
  readonly taskId: TaskId;
  /** In the order in which they were written. */
  readonly chunks: readonly ReceivedChunk[];
}

export interface ReceivedHeartbeat {
  readonly callbackId: CallbackId;
  readonly taskId: TaskId;
  readonly report: HeartbeatReport;
}

/** Records what containers report. A container can report about itself only. */
export interface AgentReportService {
  /** Returns null for a callback id that was never given out and for an attempt that has not enrolled. */
  findSenderKey(callbackId: CallbackId): Promise<SenderKey | null>;
  /** Resolves after the commit. */
  recordSignal(signal: VerifiedSignal): Promise<SignalOutcome>;
  /**
   * The caller may reuse the bytes once the promise has settled. A chunk that is already there (same process, stream and offset)
   * is not an error. `watched`: somebody follows the task. `ended`: the container has sent its exit. `full`: it has too many
   * streams.
   */
  recordOutput(output: ReceivedOutput): Promise<{ readonly watched: boolean } | 'ended' | 'full'>;
  recordHeartbeat(heartbeat: ReceivedHeartbeat): Promise<void>;
}

export interface AgentReportServiceDeps {
  readonly db: Db;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
  readonly notifyNodes: EngineDeps['notifyNodes'];
  /** Called before and after every commit. */
  readonly failpoint: (name: string) => Promise<void>;
  /** Called with each signal whose signature was good. */
  readonly onSignal: (kind: SignalKind, outcome: SignalOutcome) => void;
  /** Returns whether somebody follows the task now. */
  readonly isWatched: (taskId: number) => boolean;
  /** Called when output of the task was stored: with `any` where a step of its build began in it. */
  readonly onOutput: (taskId: number, change: WatchedChange) => void;
}

// Anybody can send a callback id that no container has, so lookups of keys may use only a few connections of the database. After
// a start the key of each container is looked for once: 5,000 lookups wait for some seconds.
const KEY_LOOKUPS = { atOnce: 6, waiting: 5_000, what: 'Too many containers are being looked for' } as const;

export function createAgentReportService(deps: AgentReportServiceDeps): AgentReportService {
  const appendUsage = gatherReports({
    write: (reports: readonly UsageReport[]) => appendUsageSamples(deps.db, reports),
    isHopeless: isDatabaseTrouble,
    clock: deps.clock,
  });
  return {
    findSenderKey: rememberSenderKeys(
      limitConcurrency(KEY_LOOKUPS, (callbackId: CallbackId) => findSenderKey(deps, callbackId)),
    ),
    recordSignal: async (signal) => {
      const outcome = await record(deps, signal);
      deps.onSignal(signal.kind, outcome);
      return outcome;
    },
    recordOutput: async ({ callbackId, taskId, chunks }) => {
      const pieces = chunks.map(({ data, ...piece }) => ({ callbackId, ...piece, bytes: data }));
      const outcome = await appendChunks(deps.db, pieces);
      if (outcome === 'ended' || outcome === 'full') return outcome;
      const headers = chunks.filter(({ stream }) => stream === 'stdout').flatMap(findStepHeaders);
      await noteStepHeaders(deps.db, callbackId, headers);
      deps.onOutput(taskId, headers.length > 0 ? 'any' : 'output');
      return { watched: deps.isWatched(taskId) };
    },
    recordHeartbeat: ({ callbackId, report: { at, usage, ...rest } }) =>
      appendUsage({ callbackId, sample: { ...rest, at: new Date(at), usage } }),
  };
}

async function record(deps: AgentReportServiceDeps, signal: VerifiedSignal): Promise<SignalOutcome> {
  await deps.failpoint('before-signal-recorded');
  const outcome = await recordSignal(deps.db, {
    callbackId: signal.callbackId,
    webhookId: signal.webhookId,
    seq: signal.sequence,
    classId: CLASS_ID[signal.kind],
    body: signal.signal,
    bodySha256: signal.bodySha256,
  });
  await deps.failpoint('after-signal-recorded');
  if (outcome.kind === 'recorded' && outcome.hasWoken) deps.notifyNodes(outcome.taskId);
  return outcome.kind;
}

async function findSenderKey(deps: AgentReportServiceDeps, callbackId: CallbackId): Promise<SenderKey | null> {
  const attempt = await findAttempt(deps.db, { callbackId });
  if (attempt?.signalSecretHash) {
    return { user: attempt.uuid, secretSha256: attempt.signalSecretHash, taskId: attempt.taskId };
  }
  if (!attempt?.signingKeySealed || !attempt.keyId) return null;
  const key = openSealed(deps.masterKey, attempt.signingKeySealed, signingKeyContext(attempt.uuid));
  return { key: Buffer.from(key, 'base64'), keyId: attempt.keyId, taskId: attempt.taskId };
}
