import { definitionMissing, explainEcsError, explainRunTaskFailure, type Cause } from '../containers/causes.ts';
import type { EcsErrorClass, LaunchOutcome } from '../containers/container.ts';
import type { LaunchRequest } from '../containers/launch-ledger.ts';
import { assertNever } from '../../shared/model/assert-never.ts';
import { classOfWords } from './classify-ecs-error.ts';
import type { RunTaskAnswer } from './ecs-task-api.ts';

/** Returns what the answer of RunTask means for the launch. */
export function launchOutcome(answer: RunTaskAnswer): LaunchOutcome {
  switch (answer.kind) {
    case 'started':
      return { kind: 'launched', arn: answer.arn };
    case 'failed':
      return fromFailure(answer);
    case 'conflict': {
      // The client token belongs to this attempt alone, so a container started with it is this attempt's.
      const [arn] = answer.arns;
      return arn ? { kind: 'launched', arn } : refused(explainEcsError('conflict', answer.sentence));
    }
    case 'error':
      return fromError(answer);
    default:
      return assertNever(answer);
  }
}

function fromFailure({ reason, detail }: RunTaskAnswer & { kind: 'failed' }): LaunchOutcome {
  const message = [reason, detail].filter((text) => text !== '').join(': ');
  const kind = classOfWords(message);
  // A throttle inside a failure does not mean a full cluster, so nobody is told to add machines.
  if (kind === 'throttled' || kind === 'credentials-expired') return unresolvedOutcome(kind, message);
  return fromCause(explainRunTaskFailure(reason, detail));
}

// ECS reports these in words only, under the name of any refused parameter. Sources: "Stopped tasks error messages" and
// "Service event messages" (developer guide), and EC2's codes for what an awsvpc network needs.
const NO_CAPACITY: readonly RegExp[] = [
  /capacity is unavailable|insufficient (instance )?capacity|InsufficientInstanceCapacity/i,
  /reached the limit on the number of|(vCPU|task)s? (limit|quota) (was |is )?(exceeded|reached)/i,
  /provisioning capacity limit exceeded/i,
  /no container instances were found/i,
  /InsufficientFreeAddressesInSubnet|NetworkInterfaceLimitExceeded/i,
];
const DEFINITION_MISSING = /TaskDefinition (not found|is inactive)|Unable to describe task definition/i;

function fromError(answer: RunTaskAnswer & { kind: 'error' }): LaunchOutcome {
  // An error name of ECS itself (rights, an unknown cluster, a throttle) decides, whatever words come with it.
  const isSaidInWords = answer.error === 'invalid' || answer.error === 'unavailable';
  if (isSaidInWords && NO_CAPACITY.some((pattern) => pattern.test(answer.sentence))) {
    return fromCause(explainRunTaskFailure('CAPACITY', answer.sentence));
  }
  if (answer.error === 'invalid' && DEFINITION_MISSING.test(answer.sentence)) {
    return refused(definitionMissing([answer.sentence]));
  }
  return unresolvedOutcome(answer.error, answer.sentence);
}

function fromCause(cause: Cause): LaunchOutcome {
  return cause.retry === 'wait'
    ? { kind: 'no_resources', cause: cause.cause, sentence: cause.sentence }
    : refused(cause);
}

function refused(cause: Cause): LaunchOutcome {
  return { kind: 'refused', cause: cause.cause, sentence: cause.sentence, remedy: cause.remedy };
}

/** Outcome when ECS did not answer, or when the cluster's configuration is wrong. This is never the build's failure. */
export function unresolvedOutcome(error: EcsErrorClass, message: string): LaunchOutcome {
  const cause = explainEcsError(error, message);
  if (cause.retry === 'never') return refused(cause);
  return { kind: 'no_information', cause: cause.cause, sentence: cause.sentence };
}

/** Outcome when the request is too old to be sent again and ECS knows no container of it. */
export function lostOutcome(request: LaunchRequest): LaunchOutcome {
  return {
    kind: 'refused',
    cause: 'launch-lost',
    sentence: `The launch intended at ${request.createdAt} was never carried out, or its container ended more than an hour ago`,
    remedy: 'Nothing to do: the next attempt launches anew',
  };
}

/** Outcome when no stored row leads to the cluster: somebody has changed or deleted it. */
export function withoutCluster(sentence: string): LaunchOutcome {
  return { kind: 'no_information', cause: 'cluster-unknown', sentence };
}
