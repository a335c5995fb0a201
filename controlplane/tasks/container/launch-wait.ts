import { assertNever } from '../../../shared/model/assert-never.ts';
import type { LaunchOutcome } from '../../containers/container.ts';
import type { WaitDetail } from '../../containers/wait-reason.ts';
import { asClause } from './as-clause.ts';
import type { WipContext } from '../context.ts';
import { waitingSince, type LastLaunch } from './launch-bag.ts';

// How long ECS may give no answer before the task ends: the same budget as the witnesses have (containers/liveness.ts).
const NO_INFORMATION_BUDGET_SECONDS = 900;
// How long a task waits for room in its cluster (ours): longer than most builds take that could make room.
const NO_ROOM_BUDGET_SECONDS = 3_600;

/** A wait of a task for its launch: the sentence and its details. */
interface LaunchWait {
  readonly clause: string;
  readonly detail: WaitDetail;
}

/** Tells people what the task waits for after its launch, and when it wants to look again; null: as the table says. */
export function tellLaunchWait(context: WipContext, { outcome, at }: LastLaunch, recheckSeconds: number | null): void {
  const { clause, detail } = describeLaunchWait(outcome, waitingSince(context, outcome) ?? at);
  context.waitsFor(clause, recheckSeconds === null ? detail : { ...detail, recheckSeconds });
}

/** Tells what a task waits for after a launch. `since`: when the launches in a row began to end like this. */
function describeLaunchWait(outcome: LaunchOutcome, since: string): LaunchWait {
  if (outcome.kind === 'launched') {
    return { clause: 'its container is being launched', detail: { code: 'container-launching', since } };
  }
  const { cause: code, remedy, evidence } = outcome;
  const giveUp = launchBudgetSeconds(outcome);
  return {
    clause: clauseOf(outcome),
    detail: {
      code,
      since,
      ...(remedy === undefined ? {} : { remedy }),
      ...(evidence === undefined ? {} : { evidence }),
      ...(giveUp === null ? {} : { until: new Date(Date.parse(since) + giveUp * 1000).toISOString() }),
      isForRoom: isForRoom(outcome),
    },
  };
}

function clauseOf(outcome: Exclude<LaunchOutcome, { kind: 'launched' }>): string {
  const said = asClause(outcome.sentence);
  switch (outcome.kind) {
    case 'no_resources':
      return said;
    case 'no_information':
      return outcome.fault === 'configuration' || outcome.cause === 'throttled'
        ? said
        : `it is not known yet whether its container was launched: ${said}`;
    case 'refused':
      return `its container was not launched: ${said}`;
    default:
      return assertNever(outcome);
  }
}

/**
 * Returns whether the cluster is what the launch waits for: it has no room, is not as it must be, or its ECS does not answer. Such
 * waits are what doctor, /readyz and the gauges tell operators of. Another task's good fortune on the same cluster, or a
 * correction of it, says that the next launch may succeed as well. A throttle ends by itself, and calls that are made early would
 * only lengthen it.
 */
export function isForRoom(outcome: LaunchOutcome): boolean {
  return outcome.kind === 'no_resources' || (outcome.kind === 'no_information' && outcome.cause !== 'throttled');
}

/**
 * Returns how long launches may go on ending like this; null: for as long as the task may run. What an operator must
 * correct ends no build.
 */
export function launchBudgetSeconds(outcome: LaunchOutcome): number | null {
  if (outcome.kind === 'no_resources') return NO_ROOM_BUDGET_SECONDS;
  return outcome.kind === 'no_information' && outcome.fault !== 'configuration' ? NO_INFORMATION_BUDGET_SECONDS : null;
}
