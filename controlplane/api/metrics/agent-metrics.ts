import { Counter, type Registry } from 'prom-client';
import { CLASS_ID, type SignalKind } from '../../../shared/protocol/signals.ts';
import type { SignalOutcome } from '../agents/agent-report-service.ts';
import type { EnrolmentOutcome } from '../agents/enrolment-service.ts';
import { createOutcomeCounter } from './outcome-counter.ts';

export interface AgentMetrics {
  readonly onSignal: (kind: SignalKind, outcome: SignalOutcome) => void;
  readonly onEnrolment: (outcome: EnrolmentOutcome['kind']) => void;
}

const SIGNAL_OUTCOMES: Readonly<Record<SignalOutcome, true>> = {
  recorded: true,
  repeated: true,
  conflict: true,
  ended: true,
  full: true,
  unknown: true,
};

/** Counts what agents send to this node. */
export function createAgentMetrics(registry: Registry): AgentMetrics {
  const signals = new Counter({
    name: 'wip_signals_total',
    help: 'Signals with a good signature',
    labelNames: ['signal', 'outcome'],
    registers: [registry],
  });
  const onEnrolment = createOutcomeCounter<EnrolmentOutcome['kind']>(registry, {
    name: 'wip_enrolments_total',
    help: 'Enrolments of agents, by the answer',
    outcomes: { enrolled: true, reused: true, void: true, unknown: true },
  });
  // As in an outcome counter, the first signal of a kind must show as an increase.
  for (const signal of Object.keys(CLASS_ID)) {
    for (const outcome of Object.keys(SIGNAL_OUTCOMES)) signals.inc({ signal, outcome }, 0);
  }
  return {
    onSignal: (signal, outcome) => signals.inc({ signal, outcome }),
    onEnrolment,
  };
}
