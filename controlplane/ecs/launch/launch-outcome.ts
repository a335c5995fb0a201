import type { Cause } from '../../containers/causes/causes.ts';
import { explainEcsError, type EcsComplaint } from '../../containers/causes/call-causes.ts';
import {
  definitionMissing,
  explainMissingCapacity,
  explainRunTaskFailure,
} from '../../containers/causes/launch-causes.ts';
import type { EcsErrorClass, LaunchOutcome } from '../../containers/container.ts';
import type { LaunchRequest } from '../../containers/launch-ledger.ts';
import type { OperationalError } from '../../../shared/model/error.ts';
import { assertNever } from '../../../shared/model/assert-never.ts';
import { classOfWords } from '../client/classify-ecs-error.ts';
import type { RunTaskAnswer, RunTaskFailure } from '../client/ecs-task-api.ts';

type NotLaunched = Exclude<LaunchOutcome, { readonly kind: 'launched' }>;

/** Returns what the answer of RunTask means for the launch. */
export function launchOutcome(answer: RunTaskAnswer): LaunchOutcome {
  switch (answer.kind) {
    case 'started':
      return { kind: 'launched', arn: answer.arn };
    case 'failed':
      return fromFailures(answer.failures);
    case 'conflict': {
      // The client token belongs to this attempt alone, so a container started with it is this attempt's.
      const [arn] = answer.arns;
      return arn ? { kind: 'launched', arn } : refused(explainEcsError('conflict', ofRunTask(answer.sentence)));
    }
    case 'error':
      return fromError(answer);
    default:
      return assertNever(answer);
  }
}

/**
 * Answers for the machine that gives the launch most hope. Machines differ, so one that can never take the container says nothing
 * of another one that is only full: the launch is refused when every failure is a refusal.
 */
function fromFailures(failures: readonly RunTaskFailure[]): LaunchOutcome {
  const different = [...new Map(failures.map((failure) => [JSON.stringify(failure), failure])).values()];
  const outcomes = different.map(fromFailure);
  const best = outcomes.toSorted((one, other) => hopelessness(one) - hopelessness(other))[0];
  if (!best) throw new Error('RunTask failed without a failure');
  return { ...best, evidence: outcomes.flatMap(({ evidence = [] }) => evidence) };
}

function hopelessness(outcome: NotLaunched): number {
  if (outcome.kind === 'no_resources') return 0;
  if (outcome.kind === 'no_information') return 1;
  return outcome.retry === 'launch-again' ? 2 : 3;
}

function fromFailure({ reason, detail }: RunTaskFailure): NotLaunched {
  const message = [reason, detail].filter((text) => text !== '').join(': ');
  const kind = classOfWords(message);
  // A throttle inside a failure does not mean a full cluster, so nobody is told to add machines.
  if (kind === 'throttled' || kind === 'credentials-expired') return unresolvedOutcome(kind, ofRunTask(message));
  return fromCause(explainRunTaskFailure(reason, detail));
}

const DEFINITION_MISSING = /TaskDefinition (not found|is inactive)|Unable to describe task definition/i;

function fromError(answer: RunTaskAnswer & { kind: 'error' }): LaunchOutcome {
  // An error name of ECS itself (rights, an unknown cluster, a throttle) decides, whatever words come with it.
  const isSaidInWords = answer.error === 'invalid' || answer.error === 'unavailable';
  const lacking = isSaidInWords ? explainMissingCapacity(answer.sentence) : null;
  if (lacking) return fromCause(lacking);
  if (answer.error === 'invalid' && DEFINITION_MISSING.test(answer.sentence)) {
    return refused(definitionMissing([answer.sentence]));
  }
  const { error, sentence, name, quotas } = answer;
  return unresolvedOutcome(error, { ...ofRunTask(sentence, name), ...(quotas && { quotas }) });
}

function ofRunTask(said: string, name = ''): EcsComplaint {
  return { said, name, action: 'RunTask' };
}

function fromCause(cause: Cause): NotLaunched {
  if (cause.retry !== 'wait') return refused(cause);
  return { kind: 'no_resources', ...told(cause) };
}

function refused(cause: Cause): NotLaunched {
  return { kind: 'refused', ...told(cause), retry: cause.retry === 'launch-again' ? 'launch-again' : 'never' };
}

function told({ cause, fault, sentence, remedy, evidence }: Cause) {
  return { cause, fault, sentence, remedy, evidence };
}

/** Outcome when ECS did not answer, or when the cluster's configuration is wrong. This is never the build's failure. */
export function unresolvedOutcome(error: EcsErrorClass, complaint: EcsComplaint): NotLaunched {
  const cause = explainEcsError(error, complaint);
  if (cause.retry === 'never') return refused(cause);
  return { kind: 'no_information', ...told(cause), fault: cause.fault };
}

/** Outcome when the request is too old to be sent again and ECS knows no container of it. */
export function lostOutcome(request: LaunchRequest): LaunchOutcome {
  return {
    kind: 'refused',
    cause: 'launch-lost',
    sentence: `The launch intended at ${request.createdAt} was never carried out, or its container ended more than an hour ago`,
    remedy: 'Nothing to do: the next attempt launches anew',
    retry: 'launch-again',
  };
}

/**
 * Outcome when the cluster cannot be used as its row is: somebody has changed or deleted it, or it does not fit the
 * configuration of the nodes.
 */
export function withoutCluster({ code, happened, remedy }: OperationalError): LaunchOutcome {
  const cause = code === 'CLUSTER_UNKNOWN' ? 'cluster-unknown' : 'cluster-unusable';
  return { kind: 'no_information', cause, sentence: happened, remedy, evidence: [code], fault: 'configuration' };
}
