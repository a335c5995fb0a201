import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EventOutcome } from '../../engine/sweep/follow-queues.ts';
import type { EngineObserver } from '../../engine/engine-observer.ts';
import type { SignalKind } from '../../../shared/protocol/signals.ts';
import type { SignalOutcome } from '../agents/agent-report-service.ts';
import { faultOfExit } from '../../containers/end-cause.ts';
import { readEndedCanaries } from '../../store/operation/canaries.ts';
import { CANARY_KIND } from '../../tasks/canary.ts';
import { readPauses } from '../../store/control/pauses.ts';
import { summariseOutbox } from '../../store/outbox/requests.ts';
import { listLaunchBlocks } from '../../store/operation/launch-blocks.ts';
import { summariseTasks } from '../../store/operation/summarise-tasks.ts';
import type { Db } from '../../store/schema.ts';
import { listGroups } from '../../store/settings/groups.ts';
import { addCanaryGauges } from './canary-metrics.ts';
import { addLaunchGauges } from './launch-metrics.ts';
import { createEngineMetrics } from './engine-metrics.ts';

interface AnsweredRequest {
  readonly method: string;
  /** The route's pattern, never the path: paths would make a series per task. */
  readonly route: string;
  readonly status: number;
  readonly tookMs: number;
}

export interface MetricsService {
  /** This node's numbers in Prometheus' text format. */
  readMetrics(): Promise<{ readonly type: string; readonly text: string }>;
  /** Called after each answer. */
  onAnswered(answer: AnsweredRequest): void;
}

interface MeasuredEcsCall {
  readonly action: string;
  readonly outcome: string;
  readonly waitedMs: number;
  readonly tookMs: number;
}

/** Counts the events that the parts of a node report. */
export interface Metrics extends MetricsService {
  readonly onEcsCall: (call: MeasuredEcsCall) => void;
  /** Called with what became of each message of a queue of events. */
  readonly onEcsEvent: (outcome: EventOutcome) => void;
  readonly engine: EngineObserver;
  readonly onSignal: (kind: SignalKind, outcome: SignalOutcome) => void;
}

// From the few milliseconds of a heartbeat to the 60 s in which a request must have come, in thirds of a decade.
const REQUEST_BUCKETS_SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60];
// More failures in a row than anybody needs to tell apart.
const READ_CANARIES = 20;
const ECS_BUCKETS_SECONDS = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

/**
 * Counts the work of this node, and reads the figures of all tasks from the database when they are asked for. Counters
 * start at zero with the node; Prometheus adds up the nodes.
 */
export function createMetrics(db: Db, readQuotas: () => EcsQuotas): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const readDatabase = addDatabaseGauges(registry, db);
  addQuotaGauges(registry, readQuotas);
  const events = new Counter({
    name: 'wip_ecs_events_total',
    help: 'Messages of the queues of ECS events, by what became of them',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const signals = new Counter({
    name: 'wip_signals_total',
    help: 'Signals with a good signature',
    labelNames: ['signal', 'outcome'],
    registers: [registry],
  });
  return {
    ...requestMetrics(registry),
    onEcsCall: ecsMetrics(registry),
    onEcsEvent: (outcome) => events.inc({ outcome }),
    engine: createEngineMetrics(registry),
    onSignal: (signal, outcome) => signals.inc({ signal, outcome }),
    readMetrics: async () => {
      await readDatabase();
      return { type: registry.contentType, text: await registry.metrics() };
    },
  };
}

function requestMetrics(registry: Registry): Pick<MetricsService, 'onAnswered'> {
  const seconds = new Histogram({
    name: 'wip_http_request_seconds',
    help: 'Time from the first byte of a request to the last of its answer; streams count when they end',
    labelNames: ['method', 'route', 'status'],
    buckets: REQUEST_BUCKETS_SECONDS,
    registers: [registry],
  });
  return {
    onAnswered: ({ method, route, status, tookMs }: AnsweredRequest) =>
      seconds.observe({ method, route, status: String(status) }, tookMs / 1000),
  };
}

function ecsMetrics(registry: Registry): (call: MeasuredEcsCall) => void {
  const labelNames = ['action', 'outcome'] as const;
  const took = new Histogram({
    name: 'wip_ecs_call_seconds',
    help: 'Calls to Amazon ECS, from sending to the answer',
    labelNames,
    buckets: ECS_BUCKETS_SECONDS,
    registers: [registry],
  });
  const waited = new Counter({
    name: 'wip_ecs_wait_seconds_total',
    help: 'Time that calls waited for their share of the quota',
    labelNames: ['action'],
    registers: [registry],
  });
  return ({ action, outcome, waitedMs, tookMs }) => {
    took.observe({ action, outcome }, tookMs / 1000);
    waited.inc({ action }, waitedMs / 1000);
  };
}

/** The quotas of ECS and EC2, by cluster and name. */
type EcsQuotas = Readonly<
  Record<string, Readonly<Record<string, { tokens: number; burst: number; perSecond: number }>>>
>;

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

/**
 * Adds the gauges that are read from the database. They are the same on every node: take the maximum over nodes, not
 * the sum. Returns the function that fills them; without a database they are empty and `wip_database_up` is 0.
 */
function addDatabaseGauges(registry: Registry, db: Db): () => Promise<void> {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]): Gauge<Label> =>
    new Gauge({ name, help: `${help}, the same on every node`, labelNames, registers: [registry] });
  const tasks = gauge('wip_tasks', 'Tasks that the database holds', 'group', 'status');
  const ended = gauge('wip_tasks_ended', 'Ended tasks that are still kept', 'group', 'exit_status', 'cause');
  const faults = gauge(
    'wip_task_faults',
    'Failed tasks that are still kept, by whose doing that was',
    'group',
    'fault',
    'cause',
  );
  const running = gauge('wip_group_running', 'Tasks of the group that run', 'group');
  const capacity = gauge('wip_group_max_running', 'Tasks of the group that may run at once', 'group');
  const paused = gauge('wip_paused', 'What is paused: 1 for each group, or for all', 'group', 'type');
  const requests = gauge('wip_outbox_requests', 'Requests to other services that are not settled');
  const oldest = gauge('wip_outbox_oldest_seconds', 'Age of the oldest of them; 0 without one');
  const canaryGauges = addCanaryGauges(registry);
  const launchGauges = addLaunchGauges(registry);
  const up = new Gauge({ name: 'wip_database_up', help: 'Whether this node reaches it', registers: [registry] });

  async function fill(): Promise<void> {
    const [counts, groups, pauses, outbox, canaries, blocks] = await Promise.all([
      summariseTasks(db),
      listGroups(db),
      readPauses(db),
      summariseOutbox(db),
      readEndedCanaries(db, CANARY_KIND, READ_CANARIES),
      listLaunchBlocks(db),
    ]);
    canaryGauges.fill(canaries);
    launchGauges.fill(blocks);
    requests.set(outbox.requests);
    oldest.set(outbox.oldestSeconds);
    for (const { group, status, exitStatus, cause, fault, count } of counts) {
      tasks.inc({ group, status }, count);
      if (status === 'COMPLETE') ended.inc({ group, exit_status: exitStatus, cause: cause ?? 'none' }, count);
      const blamed = status === 'COMPLETE' ? faultOfExit(exitStatus, fault) : null;
      if (blamed) faults.inc({ group, fault: blamed, cause: cause ?? 'none' }, count);
    }
    for (const { name, maxRunning, ...group } of groups) {
      running.set({ group: name }, group.running);
      capacity.set({ group: name }, maxRunning);
      if (group.pause) paused.set({ group: name, type: group.pause }, 1);
    }
    if (pauses.global) paused.set({ group: '*', type: pauses.global }, 1);
  }

  return async () => {
    for (const one of [tasks, ended, faults, running, capacity, paused, requests, oldest, canaryGauges, launchGauges])
      one.reset();
    // An outage must not hide the counters of the node: they are worth most then.
    up.set(
      await fill().then(
        () => 1,
        () => 0,
      ),
    );
  };
}
