import type { Clock } from '../../shared/time/clock.ts';
import type { AgentConfig } from '../config/agent-config.ts';
import type { LifecycleEvent } from '../lifecycle/decide-lifecycle.ts';
import type { Reporter } from '../report/reporter.ts';
import { spendBudget } from './spend-budget.ts';

export interface BudgetDeps {
  readonly config: Pick<AgentConfig, 'stopBudgetSeconds' | 'lastWordsSeconds'>;
  /** Undefined before the enrolment. */
  readonly reporter: Reporter | undefined;
  /** Gives up output that is still on its way. */
  readonly endOutput: () => void;
  readonly handle: (event: LifecycleEvent) => void;
  readonly clock: Clock;
}

/**
 * Limit of a request once the container is being stopped: one that is not answered does not take the whole stop budget,
 * and several can be tried one after the other (chosen).
 */
const REQUESTS_PER_STOP_BUDGET = 5;
/**
 * How long an agent that is being stopped goes on with its enrolment: a control plane that is there answers sooner
 * (chosen).
 */
const LAST_ENROLMENT_SECONDS = 5;

export function limitRequests({ config, reporter }: BudgetDeps): void {
  reporter?.limitRequests((config.stopBudgetSeconds * 1_000) / REQUESTS_PER_STOP_BUDGET);
}

/** Half of a budget is for output that is still on its way. The exit signal has the other half to itself. */
export function startBudget(budget: 'stop-budget' | 'last-words', deps: BudgetDeps): Promise<void> {
  const { config, endOutput, handle, clock } = deps;
  if (budget === 'stop-budget') limitRequests(deps);
  const steps = {
    atHalf: () => {
      endOutput();
      handle({ kind: 'grace-is-over' });
    },
    atThreeQuarters: () => handle({ kind: 'report-is-due' }),
    atEnd: () => handle({ kind: 'time-is-up' }),
  };
  return spendBudget(budget === 'stop-budget' ? config.stopBudgetSeconds : config.lastWordsSeconds, steps, clock);
}

/** The enrolment takes a quarter of the stop budget at the most: output and exit come after it. */
export async function waitForEnrolment({ config, handle, clock }: BudgetDeps): Promise<void> {
  await clock.sleep(Math.min(LAST_ENROLMENT_SECONDS, config.stopBudgetSeconds / 4) * 1_000);
  handle({ kind: 'enrolment-is-late' });
}
