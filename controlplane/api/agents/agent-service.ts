import { randomBytes } from 'node:crypto';
import { assertNever } from '../../../shared/model/assert-never.ts';
import type { CallbackId } from '../../../shared/model/ids.ts';
import { CLASS_ID } from '../../../shared/protocol/signals.ts';
import type { Clock } from '../../../shared/support/clock.ts';
import type { Logger } from '../../../shared/support/logger.ts';
import { openSealed, seal, type MasterKey } from '../../../shared/support/sealing.ts';
import { sha256Hex } from '../../../shared/support/signing.ts';
import type { EngineDeps } from '../../engine/engine-deps.ts';
import type { Enrolment, EnrolmentOutcome, EnrolmentWorld } from './enrolment-routes.ts';
import type { ReportWorld } from './report-routes.ts';
import type { ReceivedSignal, SignalWorld } from './signal-routes.ts';
import { limitConcurrency } from '../limits/limit-concurrency.ts';
import type { SigningKey } from './signed-request.ts';
import { enrolAttempt } from '../../store/attempts/enrol-attempt.ts';
import { findAttempt } from '../../store/attempts/find-attempt.ts';
import { isDatabaseTrouble } from '../../store/database-trouble.ts';
import { appendChunk } from '../../store/output/append-chunk.ts';
import { appendUsageSamples, type UsageReport } from '../../store/output/append-usage-samples.ts';
import type { AttemptRow, Db } from '../../store/schema.ts';
import { recordSignal } from '../../store/signals/record-signal.ts';
import { gatherReports } from './gather-reports.ts';
import { rememberSigningKeys } from './signing-keys.ts';

export interface AgentSide {
  readonly db: Db;
  readonly masterKey: MasterKey;
  readonly heartbeatSeconds: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly tellNodes: EngineDeps['tellNodes'];
  /** Called before and after every commit; see EngineDeps. */
  readonly failpoint: (name: string) => Promise<void>;
  /** Somebody looks at the task's output right now. */
  readonly isWatched: (taskId: number) => boolean;
  /** Output came: whoever watches should look. */
  readonly onOutput: (taskId: number) => void;
}

// Anybody can name a callback id that nobody has: looking for such ones leaves most connections of the database to
// everybody else. After a start each container is looked for once: 5,000 wait for some seconds.
const KEY_LOOKUPS = { atOnce: 6, waiting: 5_000, what: 'Too many containers are being looked for' } as const;

export const signingKeyPlace = (attemptUuid: string): string => `container_attempt/${attemptUuid}/signing_key`;

/** What agents may do: enrol once, and from then on speak for their own container only. */
export function answerAgents(side: AgentSide): EnrolmentWorld & SignalWorld & ReportWorld {
  const appendUsage = gatherReports({
    write: (reports: readonly UsageReport[]) => appendUsageSamples(side.db, reports),
    isHopeless: isDatabaseTrouble,
    clock: side.clock,
  });
  return {
    enrol: (enrolment) => enrol(side, enrolment),
    findSigningKey: rememberSigningKeys(
      limitConcurrency(KEY_LOOKUPS, (callbackId: CallbackId) => findSigningKey(side, callbackId)),
    ),
    recordSignal: async (signal: ReceivedSignal) => {
      await side.failpoint('before-signal-recorded');
      const outcome = await recordSignal(side.db, {
        callbackId: signal.callbackId,
        webhookId: signal.webhookId,
        seq: signal.sequence,
        classId: CLASS_ID[signal.kind],
        body: signal.signal,
        bodySha256: signal.bodySha256,
      });
      await side.failpoint('after-signal-recorded');
      if (outcome.kind === 'recorded' && outcome.hasWoken) side.tellNodes(outcome.taskId);
      return outcome.kind;
    },
    recordChunk: async ({ callbackId, taskId, processId, stream, offset, data }) => {
      const outcome = await appendChunk(side.db, { callbackId, processId, stream, offset, bytes: data });
      if (outcome === 'ended' || outcome === 'full') return outcome;
      side.onOutput(taskId);
      return { watched: side.isWatched(taskId) };
    },
    recordHeartbeat: ({ callbackId, report: { at, usage, ...rest } }) =>
      appendUsage({ callbackId, sample: { ...rest, at: new Date(at), usage } }),
  };
}

async function enrol(side: AgentSide, enrolment: Enrolment): Promise<EnrolmentOutcome> {
  const key = randomBytes(32);
  await side.failpoint('before-enrolment');
  const outcome = await enrolAttempt(side.db, {
    uuid: enrolment.attempt,
    secretHash: sha256Hex(enrolment.secret),
    nonce: enrolment.nonce,
    hostKey: enrolment.hostKey,
    agentVersion: enrolment.agentVersion,
    signingKeySealed: seal(side.masterKey.reveal(), key.toString('base64'), signingKeyPlace(enrolment.attempt)),
    // The attempt's own uuid names its only key.
    keyId: enrolment.attempt,
  });
  await side.failpoint('after-enrolment');
  switch (outcome.kind) {
    case 'enrolled':
    case 'same':
      return { kind: 'enrolled', answer: answerOf(side, outcome.attempt) };
    case 'reused':
    case 'repeated':
      side.log.error(
        { taskId: outcome.attempt.taskId, attempt: outcome.attempt.number },
        outcome.kind === 'reused'
          ? 'ALERT: an enrolment token was used twice'
          : 'ALERT: an enrolment was asked for again after its key was used',
      );
      return { kind: 'reused' };
    case 'void':
    case 'unknown':
      return outcome;
    default:
      return assertNever(outcome);
  }
}

function answerOf(side: AgentSide, attempt: AttemptRow): (EnrolmentOutcome & { kind: 'enrolled' })['answer'] {
  if (!attempt.signingKeySealed || !attempt.keyId || !attempt.clientPublicKey) {
    throw new Error(`container attempt ${attempt.uuid} has enrolled without its keys`);
  }
  return {
    key: openSealed(side.masterKey, attempt.signingKeySealed, signingKeyPlace(attempt.uuid)),
    keyId: attempt.keyId,
    clientKeys: [attempt.clientPublicKey],
    // The limits of the task travel as overrides; there is nothing to add to them here.
    limits: { maxTimeSeconds: null, maxDiskGb: null },
    heartbeatSeconds: side.heartbeatSeconds,
  };
}

async function findSigningKey(side: AgentSide, callbackId: CallbackId): Promise<SigningKey | null> {
  const attempt = await findAttempt(side.db, { callbackId });
  if (!attempt?.signingKeySealed || !attempt.keyId) return null;
  const key = openSealed(side.masterKey, attempt.signingKeySealed, signingKeyPlace(attempt.uuid));
  return { key: Buffer.from(key, 'base64'), keyId: attempt.keyId, taskId: attempt.taskId };
}
