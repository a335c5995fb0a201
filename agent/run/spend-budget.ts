import type { Clock } from '../../shared/time/clock.ts';

export interface BudgetSteps {
  /** Half of it is over. */
  readonly atHalf: () => void;
  /** Three quarters of it are over. */
  readonly atThreeQuarters: () => void;
  readonly atEnd: () => void;
}

/** Calls each step at its time. Nothing ends a budget: the agent exits before its end, or at it. */
export async function spendBudget(seconds: number, steps: BudgetSteps, clock: Clock): Promise<void> {
  const quarterMs = (seconds * 1_000) / 4;
  await clock.sleep(2 * quarterMs);
  steps.atHalf();
  await clock.sleep(quarterMs);
  steps.atThreeQuarters();
  await clock.sleep(quarterMs);
  steps.atEnd();
}
