// The app that every bundler builds: what one worker makes, another one works on, and the page tells the server of it.
import { browserWorkers } from '@millrace/browser-adapter';
import { Consumer, defineWorker, IterableQueue } from '@millrace/core';

const produce = defineWorker(
  () => import('./produce.js'),
  () => new Worker(new URL('./produce.worker.js', import.meta.url), { type: 'module' }),
);
const square = defineWorker(
  () => import('./square.js'),
  () => new Worker(new URL('./square.worker.js', import.meta.url), { type: 'module' }),
);

async function run() {
  const transport = browserWorkers();
  const numbers = new IterableQueue<number>({ transport, name: 'numbers', capacity: 64 });
  const squares = new Consumer(square, { transport, input: numbers, batchSize: 16 });
  const items: number[] = [];
  const messages: unknown[] = [];
  squares.results.on((batch) => items.push(...batch));
  squares.messages.on((message) => messages.push(message));
  await squares.start();
  const producer = transport.start(produce, { out: numbers.producer(), count: 5000 });
  numbers.close();
  // Nobody stops them: both end when there is nothing more to do.
  const result = await producer.result();
  await squares.finished();
  const { workers } = transport.health();
  await transport.close();
  return { items, result, messages, workers, isolated: crossOriginIsolated };
}

const report = await run().catch((error: unknown) => ({ failed: String(error) }));
await fetch('report', { method: 'POST', body: JSON.stringify(report) });
console.info('the page is done');
