/** Sets OpenTelemetry up in one thread: what every program and every worker does for itself. */
import { context, propagation, SpanKind, trace, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-base';

/** What the program shows of a span. A real exporter would send all of it to a collector. */
export interface SpanRecord {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parent: string | undefined;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly items: number;
}

/** @param tell - gets each span that has ended */
export function setUpTracing(tell: (span: SpanRecord) => void): Tracer {
  const exporter: SpanExporter = {
    export: (spans, done) => {
      for (const span of spans) tell(recordOf(span));
      done({ code: ExportResultCode.SUCCESS });
    },
    shutdown: () => Promise.resolve(),
  };
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  return trace.getTracer('millrace-example');
}

function recordOf(span: ReadableSpan): SpanRecord {
  const { traceId, spanId } = span.spanContext();
  return {
    name: span.name,
    kind: SpanKind[span.kind],
    traceId,
    spanId,
    parent: span.parentSpanContext?.spanId,
    links: span.links.map(({ context: { traceId: linked, spanId: id } }) => ({
      traceId: linked,
      spanId: id,
    })),
    items: Number(span.attributes['messaging.batch.message_count'] ?? 1),
  };
}
