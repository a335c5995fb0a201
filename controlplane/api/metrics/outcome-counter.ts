import { Counter, type Registry } from 'prom-client';

interface OutcomeCounter<Outcome extends string> {
  readonly name: string;
  readonly help: string;
  /** Every outcome there is: the compiler refuses a list that lacks one. */
  readonly outcomes: Readonly<Record<Outcome, true>>;
}

/**
 * Returns a function that counts outcomes. Each counter is there with 0 from the start: one that first appears with 1
 * has no increase for Prometheus, and an alert on a first event would stay silent.
 */
export function createOutcomeCounter<Outcome extends string>(
  registry: Registry,
  { name, help, outcomes }: OutcomeCounter<Outcome>,
): (outcome: Outcome) => void {
  const counter = new Counter({ name, help, labelNames: ['outcome'], registers: [registry] });
  for (const outcome of Object.keys(outcomes)) counter.inc({ outcome }, 0);
  return (outcome) => counter.inc({ outcome });
}
