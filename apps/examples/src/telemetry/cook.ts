import { setTimeout as pause } from 'node:timers/promises';

import { trace } from '@opentelemetry/api';
import type { ConsumerContext, ProducerEndpoint } from '@millrace/core';

import { traced } from './otel.js';
import { setUpTracing, type SpanRecord } from './tracing.js';

export interface Order {
  readonly table: number;
  readonly dish: string;
}

/** Cooks orders in batches. Each batch is a span, linked to those in which its orders were sent. */
export default class Cook {
  readonly propagation = traced(trace.getTracer('millrace-example'), 'orders');

  onStart({
    spans,
    here,
  }: {
    readonly spans: ProducerEndpoint<SpanRecord>;
    readonly here: boolean;
  }) {
    // In a thread there is nobody else who would; in the host's own process it has.
    if (!here) setUpTracing((span) => void spans.put(span));
  }

  async work(orders: readonly Order[], _context: ConsumerContext) {
    const active = trace.getActiveSpan();
    await pause(1);
    active?.addEvent('cooked');
    return orders.map(({ dish }) => dish);
  }
}
