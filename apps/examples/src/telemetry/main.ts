/**
 * Waiters who send orders and cooks who work on them in batches, seen by OpenTelemetry: each batch is a span that is linked
 * to the spans in which its orders were sent, wherever the cooks run, and the queue's counts are metrics. `--help` lists
 * the options.
 */
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { Consumer, defineWorker, IterableQueue } from '@millrace/core';

import { plural } from '../shared/numbers.js';
import { runProgram } from '../shared/run-program.js';
import { openTransport } from '../shared/transports.js';
import type { Order } from './cook.js';
import { type Options, parseOptions, usage } from './options.js';
import { measureQueue, send, traced } from './otel.js';
import { setUpTracing, type SpanRecord } from './tracing.js';

const DISHES = ['soup', 'fish', 'cake'];
const BATCH = 4;

const cookFile = defineWorker(() => import('./cook.js'), new URL('./cook.js', import.meta.url));

/** Collects when it is told to. */
class Reader extends MetricReader {
  protected onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected onShutdown(): Promise<void> {
    return Promise.resolve();
  }

  /** Every metric's latest value, by its name. */
  async read(): Promise<Record<string, number>> {
    const { resourceMetrics } = await this.collect();
    const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return Object.fromEntries(
      metrics.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        Number(dataPoints.at(-1)?.value),
      ]),
    );
  }
}

async function serve(options: Options, say: (line: string) => void) {
  const spans: SpanRecord[] = [];
  const tracer = setUpTracing((span) => spans.push(span));
  const reader = new Reader();
  const meters = new MeterProvider({ readers: [reader] });
  const { transport: name, tables } = options;
  const transport = await openTransport(options);
  try {
    const orders = new IterableQueue<Order>({
      transport,
      name: 'orders',
      exclusive: true,
      propagation: traced(tracer, 'orders'),
    });
    measureQueue(meters.getMeter('millrace-example'), 'orders', () => orders.stats());
    const waiter = orders.producer();
    for (let table = 1; table <= tables; table++)
      await send(
        tracer,
        'orders',
        waiter,
        DISHES.map((dish) => ({ table, dish })),
      );
    const before = await reader.read();
    say(
      `${plural(tables, 'table')} ordered: the queue's depth is ${String(before['millrace.queue.depth'])}`,
    );

    // What a cook in a thread sees comes to the host as items do.
    const seen = new IterableQueue<SpanRecord>({ transport, name: 'spans', exclusive: true });
    const collecting = (async () => {
      for await (const span of seen.consumer()) spans.push(span);
    })();
    const slot = seen.producerSlot();
    seen.close();
    await using cooks = new Consumer(cookFile, {
      transport,
      name: 'cooks',
      input: orders,
      count: 2,
      batchSize: BATCH,
      args: { spans: slot, here: transport.manifest.isolation === 'none' },
    });
    await cooks.start();
    await cooks.stopAtQueueEnd();
    slot.close();
    await collecting;
    const after = await reader.read();
    for (const { name: what, spanId, items, links } of spans)
      say(
        `${what} ${spanId}: ${plural(items, 'item')}${links.length === 0 ? '' : `, linked to ${[...new Set(links.map((link) => link.spanId))].join(', ')}`}`,
      );
    return { transport: name, tables, spans, metrics: { before, after } };
  } finally {
    await transport.close();
    await meters.shutdown();
  }
}

await runProgram(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(usage);
    return 0;
  }
  const report = await serve(options, (line) => process.stdout.write(`${line}\n`));
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return 0;
});
