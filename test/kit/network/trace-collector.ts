import { json } from 'node:stream/consumers';
import { z } from 'zod';
import { serveOnLoopback } from './loopback-server.ts';

const Value = z.looseObject({
  stringValue: z.string().optional(),
  intValue: z.union([z.number(), z.string()]).optional(),
});
const Attributes = z.array(z.object({ key: z.string(), value: Value }));
const SentSpan = z.looseObject({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string().optional(),
  name: z.string(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: Attributes,
  events: z.array(z.looseObject({ name: z.string() })).default([]),
  status: z.looseObject({ code: z.number().default(0) }),
});
/** What OTLP/HTTP sends in JSON (opentelemetry-proto, ExportTraceServiceRequest). */
const Request = z.object({
  resourceSpans: z.array(
    z.looseObject({
      resource: z.looseObject({ attributes: Attributes }),
      scopeSpans: z.array(z.looseObject({ spans: z.array(SentSpan) })),
    }),
  ),
});

interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly resource: Readonly<Record<string, string | number>>;
  readonly events: readonly string[];
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number;
}

export interface TraceCollector {
  readonly url: string;
  readonly spans: ReceivedSpan[];
  /** Headers of each request. */
  readonly headers: Record<string, unknown>[];
  /** `hangs`: requests are read and never answered. */
  mode: 'takes' | 'refuses' | 'hangs';
  stop(): Promise<void>;
}

/** Starts a collector that keeps what it is sent. */
export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: ReceivedSpan[] = [];
  const headers: Record<string, unknown>[] = [];
  const state: { mode: TraceCollector['mode'] } = { mode: 'takes' };
  const server = await serveOnLoopback((request, response) => {
    void json(request).then((body) => {
      headers.push({ ...request.headers, path: request.url });
      if (state.mode === 'hangs') return;
      if (state.mode === 'takes') spans.push(...spansOf(Request.parse(body)));
      response.writeHead(state.mode === 'takes' ? 200 : 400, { 'content-type': 'application/json' }).end('{}');
    });
  });
  return {
    url: server.url,
    spans,
    headers,
    get mode() {
      return state.mode;
    },
    set mode(mode) {
      state.mode = mode;
    },
    stop: () => server.stop(),
  };
}

function spansOf({ resourceSpans }: z.infer<typeof Request>): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: span.traceId,
        spanId: span.spanId,
        parentId: span.parentSpanId ?? null,
        name: span.name,
        startMs: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
        endMs: Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
        attributes: plain(span.attributes),
        resource: plain(resource.attributes),
        events: span.events.map(({ name }) => name),
        status: span.status.code,
      })),
    ),
  );
}

function plain(attributes: z.infer<typeof Attributes>): Record<string, string | number> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)] as const),
  );
}
