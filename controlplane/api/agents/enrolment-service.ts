import { randomBytes } from 'node:crypto';
import { assertNever } from '../../../shared/model/assert-never.ts';
import type { AttemptUuid } from '../../../shared/model/ids.ts';
import type { EnrolmentAnswer, EnrolmentRequest } from '../../../shared/protocol/enrolment.ts';
import type { Logger } from '../../../shared/system/logger.ts';
import { openSealed, seal, type MasterKey } from '../../../shared/keys/sealing.ts';
import { sha256Hex } from '../../../shared/keys/signing.ts';
import { enrolAttempt } from '../../store/attempts/enrol-attempt.ts';
import type { AttemptRow, Db } from '../../store/schema.ts';
import { signingKeyContext } from '../../store/secrets/seal-contexts.ts';

/** The request with its token taken apart: `secret` is compared by its hash only. */
export interface ReceivedEnrolment extends Omit<EnrolmentRequest, 'enrol'> {
  readonly attempt: AttemptUuid;
  readonly secret: string;
}

/**
 * `reused`: the token was used before, by somebody else or with its key in use (409). `void`: the attempt was given up
 * (410). `unknown`: no such attempt, wrong secret, or expired (404; one answer, so that guessing reveals nothing).
 */
export type EnrolmentOutcome =
  | { readonly kind: 'enrolled'; readonly answer: EnrolmentAnswer }
  | { readonly kind: 'reused' }
  | { readonly kind: 'void' }
  | { readonly kind: 'unknown' };

/** Gives each container its keys, once. */
export interface EnrolmentService {
  enrol(enrolment: ReceivedEnrolment): Promise<EnrolmentOutcome>;
}

export interface EnrolmentServiceDeps {
  readonly db: Db;
  readonly masterKey: MasterKey;
  readonly heartbeatSeconds: number;
  readonly log: Logger;
  /** Called with each answer. */
  readonly onEnrolment: (outcome: EnrolmentOutcome['kind']) => void;
  /** Called before and after every commit. */
  readonly failpoint: (name: string) => Promise<void>;
}

export function createEnrolmentService(deps: EnrolmentServiceDeps): EnrolmentService {
  return {
    enrol: async (enrolment) => {
      const outcome = await enrol(deps, enrolment);
      deps.onEnrolment(outcome.kind);
      return outcome;
    },
  };
}

async function enrol(deps: EnrolmentServiceDeps, enrolment: ReceivedEnrolment): Promise<EnrolmentOutcome> {
  const key = randomBytes(32);
  await deps.failpoint('before-enrolment');
  const outcome = await enrolAttempt(deps.db, {
    uuid: enrolment.attempt,
    secretHash: sha256Hex(enrolment.secret),
    nonce: enrolment.nonce,
    hostKey: enrolment.hostKey,
    agentVersion: enrolment.agentVersion,
    signingKeySealed: seal(deps.masterKey.reveal(), key.toString('base64'), signingKeyContext(enrolment.attempt)),
    // The attempt's own uuid names its only key.
    keyId: enrolment.attempt,
  });
  await deps.failpoint('after-enrolment');
  switch (outcome.kind) {
    case 'enrolled':
    case 'same':
      return { kind: 'enrolled', answer: answerOf(deps, outcome.attempt) };
    case 'reused':
    case 'repeated':
      deps.log.error(
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

function answerOf(deps: EnrolmentServiceDeps, attempt: AttemptRow): EnrolmentAnswer {
  if (!attempt.signingKeySealed || !attempt.keyId || !attempt.clientPublicKey) {
    throw new Error(`container attempt ${attempt.uuid} has enrolled without its keys`);
  }
  return {
    key: openSealed(deps.masterKey, attempt.signingKeySealed, signingKeyContext(attempt.uuid)),
    keyId: attempt.keyId,
    clientKeys: [attempt.clientPublicKey],
    // The limits of the task are in the overrides of its container, and the enrolment adds none.
    limits: { maxTimeSeconds: null, maxDiskGb: null },
    heartbeatSeconds: deps.heartbeatSeconds,
  };
}
