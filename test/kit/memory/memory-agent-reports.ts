import type { CallbackId } from '../../../shared/model/ids.ts';
import type {
  ReceivedChunk,
  ReceivedHeartbeat,
  ReceivedOutput,
  SignalOutcome,
  VerifiedSignal,
} from '../../../controlplane/api/agents/agent-report-service.ts';
import type { EnrolmentOutcome, ReceivedEnrolment } from '../../../controlplane/api/agents/enrolment-service.ts';
import type { SenderKey } from '../../../controlplane/api/agents/sender-keys.ts';
import { MemoryRecordings } from './memory-recordings.ts';

/** What agents report, in memory: enrolments, signals, output and heartbeats. Tests use its public fields directly. */
export class MemoryAgentReports extends MemoryRecordings {
  readonly signingKeys = new Map<string, SenderKey>();
  /** Attempt uuid → outcome of its next enrolment. */
  readonly enrolments = new Map<string, EnrolmentOutcome>();
  readonly signals: VerifiedSignal[] = [];
  readonly chunks: ReceivedChunk[] = [];
  readonly heartbeats: ReceivedHeartbeat[] = [];
  readonly enrolled: ReceivedEnrolment[] = [];
  /** Containers whose signals and output are refused as too much. */
  readonly full = new Set<CallbackId>();

  readonly enrol = async (enrolment: ReceivedEnrolment): Promise<EnrolmentOutcome> => {
    this.enrolled.push(enrolment);
    return this.enrolments.get(enrolment.attempt) ?? { kind: 'unknown' };
  };

  readonly findSenderKey = async (callbackId: CallbackId): Promise<SenderKey | null> =>
    this.signingKeys.get(callbackId) ?? null;

  readonly recordSignal = async (signal: VerifiedSignal): Promise<SignalOutcome> => {
    if (!this.signingKeys.has(signal.callbackId)) return 'unknown';
    const earlier = this.signals.find(
      (one) => one.callbackId === signal.callbackId && one.webhookId === signal.webhookId,
    );
    if (earlier) return earlier.bodySha256 === signal.bodySha256 ? 'repeated' : 'conflict';
    const refusal = this.#refusalOf(signal.callbackId);
    if (refusal) return refusal;
    this.signals.push(signal);
    return 'recorded';
  };

  readonly recordOutput = async (output: ReceivedOutput): Promise<{ watched: boolean } | 'ended' | 'full'> => {
    const isKnown = ({ processId, stream, offset }: ReceivedChunk): boolean =>
      this.chunks.some((one) => one.processId === processId && one.stream === stream && one.offset === offset);
    const fresh = output.chunks.filter((chunk) => !isKnown(chunk));
    const refusal = fresh.length === 0 ? undefined : this.#refusalOf(output.callbackId);
    if (refusal) return refusal;
    // As a database does: the memory of a large report is given back when it is stored.
    this.chunks.push(...fresh.map((chunk) => ({ ...chunk, data: Buffer.from(chunk.data) })));
    return { watched: this.isWatched(output.taskId) };
  };

  #refusalOf(callbackId: CallbackId): 'ended' | 'full' | undefined {
    if (this.signals.some((one) => one.callbackId === callbackId && one.kind === 'exit')) return 'ended';
    return this.full.has(callbackId) ? 'full' : undefined;
  }

  readonly recordHeartbeat = async (heartbeat: ReceivedHeartbeat): Promise<void> => {
    this.heartbeats.push(heartbeat);
  };
}
