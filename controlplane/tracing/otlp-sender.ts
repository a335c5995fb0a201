import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type ReadableSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { PlannedSpan } from './plan-trace.ts';
import type { SpanIds } from './trace-ids.ts';
import type { TracingSettings } from './tracing-settings.ts';

/** One trace as it is sent. */
export interface PlannedTrace {
  readonly traceId: string;
  readonly spans: readonly PlannedSpan[];
}

export interface TraceSender {
  isSampled(traceId: string): boolean;
  /** Resolves when the collector has taken them; rejects when it has not within the time of the settings. */
  send(traces: readonly PlannedTrace[]): Promise<void>;
  close(): Promise<void>;
}

export interface SenderIdentity {
  readonly version: string;
  readonly node: string;
  readonly installationId: string;
}

const STATUS: Readonly<Record<PlannedSpan['outcome'], SpanStatusCode>> = {
  ok: SpanStatusCode.OK,
  error: SpanStatusCode.ERROR,
  unset: SpanStatusCode.UNSET,
};

/** Keeps ended spans until they are sent. The SDK's own processors send by a clock of theirs and drop without a word. */
class SpanList implements SpanProcessor {
  spans: ReadableSpan[] = [];

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    this.spans.push(span);
  }

  forceFlush(): Promise<void> {
    return Promise.resolve();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

/** Speaks OTLP over HTTP by OpenTelemetry's SDK. This file is loaded only when traces are switched on. */
export function createOtlpSender(settings: TracingSettings, identity: SenderIdentity): TraceSender {
  const list = new SpanList();
  let next: SpanIds = { traceId: '', spanId: '' };
  const provider = new TracerProvider({
    // A trace is chosen as a whole, before its record is read.
    sampler: new AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    spanProcessors: [list],
    resource: resourceFromAttributes({
      'service.version': identity.version,
      'service.instance.id': identity.node,
      'wip.installation.id': identity.installationId,
      ...settings.resource,
      'service.name': settings.serviceName,
    }),
  });
  const tracer = provider.getTracer('wip', identity.version);
  const { url, headers, timeoutMs } = settings;
  // What is not given here, compression and certificates, the exporter reads from OTEL_EXPORTER_OTLP_… itself.
  const exporter = new OTLPTraceExporter({ url, headers: { ...headers }, timeoutMillis: timeoutMs });
  const sampler = new TraceIdRatioBasedSampler(settings.ratio);

  function record(traceId: string, planned: PlannedSpan): void {
    next = { traceId, spanId: planned.spanId };
    const { parentId: spanId, kind, startedAt, endedAt, events, outcome } = planned;
    const parent = spanId === null ? null : { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true };
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
    const options = {
      kind: kind === 'client' ? SpanKind.CLIENT : SpanKind.INTERNAL,
      startTime: startedAt,
      attributes: planned.attributes,
    };
    const span = tracer.startSpan(planned.name, options, context);
    for (const { name, at } of events) span.addEvent(name, at);
    span.setStatus({ code: STATUS[outcome] });
    span.end(endedAt);
  }

  return {
    isSampled: (traceId) => sampler.shouldSample(null, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED,
    send(traces) {
      for (const { traceId, spans } of traces) for (const span of spans) record(traceId, span);
      const spans = list.spans.splice(0);
      return new Promise((resolve, reject) => {
        // 0 is success (ExportResultCode of @opentelemetry/core, which is no dependency of ours).
        exporter.export(spans, ({ code, error }) => (code === 0 ? resolve() : reject(error ?? new Error('refused'))));
      });
    },
    close: () => exporter.shutdown(),
  };
}
