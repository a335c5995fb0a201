import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { EngineObserver } from '../../engine/engine-observer.ts';
import type { Db } from '../../store/schema.ts';
import type { TraceOutcome } from '../../tracing/task-tracing.ts';
import { createAgentMetrics, type AgentMetrics } from './agent-metrics.ts';
import { createEcsMetrics, type EcsMetrics, type EcsQuotas } from './ecs-metrics.ts';
import { createEngineMetrics } from './engine-metrics.ts';
import { addFleetGauges } from './fleet-gauges-service.ts';
import { createTraceMetrics } from './trace-metrics.ts';
import { createWakeTimes, type WakeTimes } from './wake-times.ts';

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

/** Counts the events that the parts of a node report. README.md of this directory lists what comes of it. */
export interface Metrics extends MetricsService, EcsMetrics, AgentMetrics {
  readonly engine: EngineObserver;
  readonly readWakes: WakeTimes['read'];
  /** Called with what became of the trace of each ended task. */
  readonly onTrace: (outcome: TraceOutcome) => void;
}

// From the few milliseconds of a heartbeat to the 60 s in which a request must have come, in thirds of a decade.
const REQUEST_BUCKETS_SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60];

// Gauges of prom-client with the ending of counters, which "promtool check metrics" refuses. Each is the sum of one without it.
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Returns the registry of a node, for what counts before its database is open. */
export function createRegistry(): Registry {
  return new Registry();
}

/**
 * Counts the work of this node, and reads the figures of all tasks from the database when they are asked for. Counters
 * start at zero with the node; Prometheus adds up the nodes.
 */
export function createMetrics(db: Db, readQuotas: () => EcsQuotas, registry = createRegistry()): Metrics {
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const wakes = createWakeTimes();
  const readFleet = addFleetGauges(registry, db);
  return {
    ...requestMetrics(registry),
    ...createEcsMetrics(registry, readQuotas),
    ...createAgentMetrics(registry),
    engine: createEngineMetrics(registry, wakes.note),
    readWakes: wakes.read,
    onTrace: createTraceMetrics(registry),
    readMetrics: async () => {
      await readFleet();
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
