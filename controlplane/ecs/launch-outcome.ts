import { definitionMissing, explainEcsError, explainRunTaskFailure, type Cause } from '../containers/causes.ts';
import type { EcsErrorClass, LaunchOutcome } from '../containers/container.ts';
import type { LaunchRequest } from '../containers/launch-ledger.ts';
import { assertNever } from '../../shared/model/assert-never.ts';
import { classOfWords } from './classify-ecs-error.ts';
import type { RunTaskAnswer } from './ecs-task-api.ts';

/** What RunTask's answer means for the launch. */
export function launchOutcome(answer: RunTaskAnswer): LaunchOutcome {
  switch (answer.kind) {
    case 'started':
      return { kind: 'launched', arn: answer.arn };
    case 'failed':
      return fromFailure(answer);
    case 'conflict': {
      // The token is this attempt's alone: whatever it started is this attempt's container.
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
  const said = [reason, detail].filter((text) => text !== '').join(': ');
  const kind = classOfWords(said);
  // A throttle inside a failure is no full cluster, and nobody is told to add machines for it.
  if (kind === 'throttled' || kind === 'credentials-expired') return unresolvedOutcome(kind, said);
  return fromCause(explainRunTaskFailure(reason, detail));
}

// ECS says these in words only, under the name of any refused parameter. "Stopped tasks error messages" and "Service event
// messages" (developer guide), and EC2's codes for what an awsvpc network needs.
const NO_CAPACITY: readonly RegExp[] = [
  /capacity is unavailable|insufficient (instance )?capacity|InsufficientInstanceCapacity/i,
  /reached the limit on the number of|(vCPU|task)s? (limit|quota) (was |is )?(exceeded|reached)/i,
  /provisioning capacity limit exceeded/i,
  /no container instances were found/i,
  /InsufficientFreeAddressesInSubnet|NetworkInterfaceLimitExceeded/i,
];
const DEFINITION_MISSING = /TaskDefinition (not found|is inactive)|Unable to describe task definition/i;

function fromError(answer: RunTaskAnswer & { kind: 'error' }): LaunchOutcome {
  // What ECS names itself (rights, an unknown cluster, a throttle in other words) is that, whatever else it says.
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

/** ECS did not answer, or the cluster's configuration is at fault: never the build's failure. */
export function unresolvedOutcome(error: EcsErrorClass, said: string): LaunchOutcome {
  const cause = explainEcsError(error, said);
  if (cause.retry === 'never') return refused(cause);
  return { kind: 'no_information', cause: cause.cause, sentence: cause.sentence };
}

/** The request is too old to be sent again, and ECS knows nothing that it started. */
export function lostOutcome(request: LaunchRequest): LaunchOutcome {
  return {
    kind: 'refused',
    cause: 'launch-lost',
    sentence: `The launch intended at ${request.createdAt} was never carried out, or its container ended more than an hour ago`,
    remedy: 'Nothing to do: the next attempt launches anew',
  };
}

/** Nothing that is stored leads to the cluster: somebody has changed or deleted its row. */
export function withoutCluster(sentence: string): LaunchOutcome {
  return { kind: 'no_information', cause: 'cluster-unknown', sentence };
}
