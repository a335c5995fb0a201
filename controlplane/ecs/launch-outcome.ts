import { definitionMissing, explainEcsError, explainRunTaskFailure, type Cause } from '../containers/causes.ts';
import type { EcsErrorClass, LaunchOutcome } from '../containers/container.ts';
import type { LaunchRequest } from '../containers/launch-ledger.ts';
import { assertNever } from '../../shared/model/assert-never.ts';
import type { RunTaskAnswer } from './container-ecs.ts';

/** What RunTask's answer means for the launch. */
export function launchOutcome(answer: RunTaskAnswer): LaunchOutcome {
  switch (answer.kind) {
    case 'started':
      return { kind: 'launched', arn: answer.arn };
    case 'failed':
      return fromCause(explainRunTaskFailure(answer.reason, answer.detail));
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

function fromError(answer: RunTaskAnswer & { kind: 'error' }): LaunchOutcome {
  // ECS tells these apart by their words only; the names are those of any refused parameter.
  if (/TaskDefinition (not found|is inactive)|Unable to describe task definition/i.test(answer.sentence)) {
    return refused(definitionMissing([answer.sentence]));
  }
  if (/provisioning capacity limit exceeded/i.test(answer.sentence)) {
    return fromCause(explainRunTaskFailure('PROVISIONING', answer.sentence));
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
