import type { Registry } from 'prom-client';
import type { TraceOutcome } from '../../tracing/task-tracing.ts';
import { createOutcomeCounter } from './outcome-counter.ts';

/** Counts the traces of tasks that have ended on this node. */
export function createTraceMetrics(registry: Registry): (outcome: TraceOutcome) => void {
  return createOutcomeCounter<TraceOutcome>(registry, {
    name: 'wip_traces_total',
    help: 'Traces of ended tasks: exported, failed, or dropped because too many were waiting',
    outcomes: { exported: true, failed: true, dropped: true },
  });
}
