import { shownAddress } from '../../shared/text/shown-address.ts';
import type { TaskId } from '../../shared/model/ids.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Log } from '../../shared/system/log.ts';
import { WakeableTimer } from '../../shared/time/wakeable-timer.ts';
import { withinTime } from '../../shared/time/within-time.ts';
import type { ObservedEnd } from '../engine/engine-observer.ts';
import type { Db } from '../store/schema.ts';
import { readTaskTrace } from '../store/tasks/read-task-trace.ts';
import type { PlannedTrace, SenderIdentity, TraceSender } from './otlp-sender.ts';
import { planTrace } from './plan-trace.ts';
import { attemptSpanId, traceIdOf, traceparentOf } from './trace-ids.ts';
import { readTracingSettings } from './tracing-settings.ts';

/** `failed`: the collector did not take it, or its record could not be read. `dropped`: too many were waiting. */
export type TraceOutcome = 'exported' | 'failed' | 'dropped';

/** The traces of the tasks that end on this node. */
export interface TaskTracing {
  /** Called with each task whose end is committed. Never waits and never throws. */
  taskEnded(end: Pick<ObservedEnd, 'id' | 'uuid'>): void;
  /** Returns what a container of the task is told, so that spans of its build join the trace; null: no traces are made. */
  traceparentOf(taskUuid: string, attemptUuid: string): string | null;
  /** Sends traces until `abort`, then for some seconds what is left. */
  run(abort: AbortSignal): Promise<void>;
}

export interface TaskTracingDeps extends SenderIdentity {
  readonly db: Db;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onTrace: (outcome: TraceOutcome) => void;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

// Ended tasks that wait for their turn: some minutes of a busy node, in some hundred kilobytes.
const MOST_WAITING = 1_000;
// Tasks in one request: some hundred spans.
const BATCH = 16;
const IDLE_MS = 60_000;
// A node that ends does not wait longer for its collector.
const LAST_MS = 2_000;

const NO_TRACING: TaskTracing = {
  taskEnded: () => undefined,
  traceparentOf: () => null,
  run: () => Promise.resolve(),
};

/** Loads OpenTelemetry when the OTEL_* variables ask for traces; otherwise nothing is loaded and nothing is done. */
export async function createTaskTracing(deps: TaskTracingDeps): Promise<TaskTracing> {
  const { settings, warnings } = readTracingSettings(deps.environment);
  for (const warning of warnings) deps.log.warn({ why: warning }, 'a variable of OpenTelemetry is not followed');
  if (!settings) return NO_TRACING;
  const { createOtlpSender } = await import('./otlp-sender.ts');
  deps.log.info({ url: shownAddress(settings.url), ratio: settings.ratio }, 'tasks are traced');
  return new SentTraces(deps, createOtlpSender(settings, deps));
}

/**
 * Makes the trace of a task from its record, after its end. The record survives every crash, so a trace is whole even when
 * nodes died under its task, and the engine never waits for a collector.
 */
class SentTraces implements TaskTracing {
  readonly #deps: TaskTracingDeps;
  readonly #sender: TraceSender;
  readonly #timer: WakeableTimer;
  readonly #waiting: TaskId[] = [];
  #isFailing = false;

  constructor(deps: TaskTracingDeps, sender: TraceSender) {
    this.#deps = deps;
    this.#sender = sender;
    this.#timer = new WakeableTimer(deps.clock);
  }

  taskEnded({ id, uuid }: Pick<ObservedEnd, 'id' | 'uuid'>): void {
    if (!this.#sender.isSampled(traceIdOf(uuid))) return;
    if (this.#waiting.length >= MOST_WAITING) return this.#deps.onTrace('dropped');
    this.#waiting.push(id);
    this.#timer.wake();
  }

  traceparentOf(taskUuid: string, attemptUuid: string): string {
    const traceId = traceIdOf(taskUuid);
    const spanId = attemptSpanId(taskUuid, attemptUuid);
    return traceparentOf({ traceId, spanId }, this.#sender.isSampled(traceId) ? 'sampled' : 'not-sampled');
  }

  async run(abort: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const stopped = Promise.withResolvers<void>();
    abort.addEventListener('abort', () => stopped.resolve(), { once: true });
    const sending = this.#sendUntil(abort);
    await stopped.promise;
    await withinTime(sending, { clock, limitMs: LAST_MS });
    for (const _ of this.#waiting.splice(0)) this.#deps.onTrace('dropped');
    await withinTime(this.#sender.close(), { clock, limitMs: LAST_MS });
  }

  async #sendUntil(abort: AbortSignal): Promise<void> {
    for (;;) {
      this.#timer.reset();
      const batch = this.#waiting.splice(0, BATCH);
      if (batch.length > 0) await this.#sendBatch(batch);
      else if (abort.aborted) return;
      else await this.#timer.sleep(IDLE_MS, abort);
    }
  }

  async #sendBatch(batch: readonly TaskId[]): Promise<void> {
    const { db, log, onTrace } = this.#deps;
    let outcome: TraceOutcome = 'exported';
    try {
      const traces: PlannedTrace[] = [];
      for (const id of batch) {
        const read = await readTaskTrace(db, id);
        if (read) traces.push({ traceId: traceIdOf(read.task.uuid), spans: planTrace(read) });
      }
      await this.#sender.send(traces);
      if (this.#isFailing) log.info({}, 'traces are sent again');
      this.#isFailing = false;
    } catch (error) {
      outcome = 'failed';
      // Once an outage: a collector may be away for days.
      if (!this.#isFailing) log.warn({ err: error }, 'traces could not be sent');
      this.#isFailing = true;
    }
    for (const _ of batch) onTrace(outcome);
  }
}
