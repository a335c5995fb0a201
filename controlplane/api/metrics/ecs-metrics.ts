import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { EventOutcome } from '../../engine/sweep/follow-queues.ts';
import { createOutcomeCounter } from './outcome-counter.ts';

interface MeasuredEcsCall {
  readonly action: string;
  readonly outcome: string;
  readonly waitedMs: number;
  readonly tookMs: number;
}

/** The quotas of ECS and EC2, by cluster and name. */
export type EcsQuotas = Readonly<
  Record<string, Readonly<Record<string, { tokens: number; burst: number; perSecond: number }>>>
>;

export interface EcsMetrics {
  readonly onEcsCall: (call: MeasuredEcsCall) => void;
  /** Called with what became of each message of a queue of events. */
  readonly onEcsEvent: (outcome: EventOutcome) => void;
}

const ECS_BUCKETS_SECONDS = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

export function createEcsMetrics(registry: Registry, readQuotas: () => EcsQuotas): EcsMetrics {
  addQuotaGauges(registry, readQuotas);
  const took = new Histogram({
    name: 'wip_ecs_call_seconds',
    help: 'Calls to Amazon ECS, from sending to the answer',
    labelNames: ['action', 'outcome'],
    buckets: ECS_BUCKETS_SECONDS,
    registers: [registry],
  });
  const waited = new Counter({
    name: 'wip_ecs_wait_seconds_total',
    help: 'Time that calls waited for their share of the quota',
    labelNames: ['action'],
    registers: [registry],
  });
  const onEcsEvent = createOutcomeCounter<EventOutcome>(registry, {
    name: 'wip_ecs_events_total',
    help: 'Messages of the queues of ECS events, by their outcome',
    outcomes: { observed: true, foreign: true, malformed: true, unanswered: true, 'given-up': true },
  });
  return {
    onEcsCall: ({ action, outcome, waitedMs, tookMs }) => {
      took.observe({ action, outcome }, tookMs / 1000);
      waited.inc({ action }, waitedMs / 1000);
    },
    onEcsEvent,
  };
}

/** Rows of one account and region share their quotas, so their series are equal and must not be added up. */
function addQuotaGauges(registry: Registry, readQuotas: () => EcsQuotas): void {
  const gauge = (name: string, help: string, value: 'tokens' | 'burst' | 'perSecond'): Gauge<'cluster' | 'quota'> =>
    new Gauge({
      name,
      help,
      labelNames: ['cluster', 'quota'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [cluster, quotas] of Object.entries(readQuotas())) {
          for (const [quota, state] of Object.entries(quotas)) this.set({ cluster, quota }, state[value]);
        }
      },
    });
  gauge('wip_ecs_tokens', 'Calls that this node may make at once, by cluster and quota', 'tokens');
  gauge('wip_ecs_quota_burst', 'Calls that the account may make at once (ecs_quotas), for all nodes', 'burst');
  gauge('wip_ecs_quota_per_second', 'Calls a second that the account may make, for all nodes', 'perSecond');
}
