/**
 * What a program needs to see Millrace in OpenTelemetry: `send` spans around puts, `process` spans around a Consumer's
 * batches, and a queue's counts as metrics. A `process` span is linked to the `send` span of each of its items, not nested
 * in one of them: a batch has many causes, and begins long after each of them is over.
 */
import {
  context,
  type Context,
  type Meter,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from '@opentelemetry/api';
import type { ItemHeaders, ProducerEndpoint, Propagation, QueueStats } from '@millrace/core';

const SYSTEM = { 'messaging.system': 'millrace' };

/** Runs something in a span, which ends with it and tells of its error. */
function inSpan<Result>(
  tracer: Tracer,
  name: string,
  options: Parameters<Tracer['startSpan']>[1],
  parent: Context,
  run: () => Result,
): Result {
  const span = tracer.startSpan(name, options, parent);
  const failed = (error: unknown): never => {
    span.recordException(error instanceof Error ? error : String(error));
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    throw error;
  };
  try {
    const result = context.with(trace.setSpan(parent, span), run);
    if (!(result instanceof Promise)) {
      span.end();
      return result;
    }
    const ended: unknown = result.then((value: unknown) => {
      span.end();
      return value;
    }, failed);
    return ended as Result;
  } catch (error) {
    return failed(error);
  }
}

/** For queues and endpoints: their puts carry the active context, and work is done in a span of its own. */
export function traced(tracer: Tracer, destination: string): Propagation {
  return {
    inject: (headers) => {
      propagation.inject(context.active(), headers);
    },
    extract: (items, work) => {
      const links = items.map(spanOf).filter((found) => found !== undefined);
      const attributes = {
        ...SYSTEM,
        'messaging.destination.name': destination,
        'messaging.operation.type': 'process',
        'messaging.batch.message_count': items.length,
      };
      const options = {
        kind: SpanKind.CONSUMER,
        links: links.map((spanContext) => ({ context: spanContext })),
        attributes,
      };
      return inSpan(tracer, `process ${destination}`, options, context.active(), work);
    },
  };
}

/** The span that an item's headers tell of. */
function spanOf(headers: ItemHeaders | undefined) {
  return trace.getSpanContext(propagation.extract(context.active(), headers ?? {}));
}

/** Puts items in a `send` span. */
export async function send<T>(
  tracer: Tracer,
  destination: string,
  producer: ProducerEndpoint<T>,
  items: readonly T[],
): Promise<void> {
  const attributes = {
    ...SYSTEM,
    'messaging.destination.name': destination,
    'messaging.operation.type': 'send',
    'messaging.batch.message_count': items.length,
  };
  await inSpan(
    tracer,
    `send ${destination}`,
    { kind: SpanKind.PRODUCER, attributes },
    context.active(),
    async () => {
      await producer.putMany(items);
    },
  );
}

/** A queue's counts, read whenever metrics are collected. */
export function measureQueue(
  meter: Meter,
  destination: string,
  stats: () => Promise<QueueStats>,
): void {
  const attributes = { ...SYSTEM, 'messaging.destination.name': destination };
  const depth = meter.createObservableGauge('millrace.queue.depth', {
    unit: '{item}',
    description: 'Items that wait.',
  });
  const inHand = meter.createObservableGauge('millrace.queue.in_hand', {
    unit: '{item}',
    description: 'Items being worked on.',
  });
  const put = meter.createObservableCounter('millrace.queue.put', {
    unit: '{item}',
    description: 'Items that arrived.',
  });
  const acked = meter.createObservableCounter('millrace.queue.acked', {
    unit: '{item}',
    description: 'Items that were worked off.',
  });
  const dead = meter.createObservableCounter('millrace.queue.dead', {
    unit: '{item}',
    description: 'Items that were given up.',
  });
  meter.addBatchObservableCallback(
    async (result) => {
      const counts = await stats();
      result.observe(depth, counts.size, attributes);
      result.observe(inHand, counts.inHand, attributes);
      result.observe(put, counts.put, attributes);
      result.observe(acked, counts.acked, attributes);
      result.observe(dead, counts.dead, attributes);
    },
    [depth, inHand, put, acked, dead],
  );
}
