import { type ConsumerEndpoint, defineWorker, type ProducerEndpoint, type Transport } from '@millrace/core';
import type { FarConsumer, FarProducer, Fixture, TransportUnderTest } from '@millrace/core/testing';
import { workerThreads } from '@millrace/node-adapter';
import path from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { postsSoFar } from './count-posts.ts';
import { farConsumer, farProducer, ThreadEndpoint } from './thread-endpoint.ts';

// Hundreds of threads start in half the time when they need not compile the same files again.
process.env['NODE_COMPILE_CACHE'] ??= path.join(import.meta.dirname, '../../node_modules/.cache/compile');

const holder = defineWorker(() => import('./endpoint-thread.ts'), new URL('./endpoint-thread.ts', import.meta.url));

/** Real threads under test: every endpoint lives in a thread of its own, which can be killed. */
export function threadTarget(runs: number): TransportUnderTest {
  return {
    name: 'worker threads',
    manifest: workerThreads().manifest,
    timed: false,
    runs,
    create: fixture,
  };
}

function fixture(): Fixture {
  const opened = workerThreads();
  let closing: Promise<void> | undefined;
  const transport: Transport = { ...opened, close: () => (closing ??= opened.close()) };
  const ends = new Map<FarProducer | FarConsumer, ThreadEndpoint>();

  const hold = (end: ProducerEndpoint<unknown> | ConsumerEndpoint<unknown>): ThreadEndpoint => {
    const { port1, port2 } = new MessageChannel();
    const { id } = end;
    return new ThreadEndpoint(id, transport.start(holder, { end, port: port2 }, { transfer: [port2] }), port1);
  };
  const add = <E extends FarProducer | FarConsumer>(far: E, end: ThreadEndpoint): E => {
    ends.set(far, end);
    return far;
  };

  return {
    transport,
    producer: (queue) => {
      const end = hold(queue.producer());
      return Promise.resolve(add(farProducer(end), end));
    },
    consumer: (queue) => {
      const end = hold(queue.consumer());
      return Promise.resolve(add(farConsumer(end), end));
    },
    settle: async () => {
      // The threads' end is as much under way as a message is.
      await closing;
      await quiet([...ends.values()]);
    },
    crash: async (endpoint) => {
      const end = ends.get(endpoint);
      await end?.handle.terminate();
      end?.end();
      await quiet([...ends.values()]);
    },
    leftovers: () => (transport.health().workers > 0 ? [`${String(transport.health().workers)} threads`] : []),
    dispose: async () => {
      await transport.close();
      for (const end of ends.values()) end.end();
    },
  };
}

/** Nothing is under way when two rounds through all threads have seen no new message posted anywhere. */
async function quiet(ends: ThreadEndpoint[]): Promise<void> {
  let before = -1;
  for (let same = 0; same < 2; ) {
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    const pongs = await Promise.all(ends.map((end) => end.ping()));
    const posted = postsSoFar() + pongs.reduce((sum, pong) => sum + (pong?.posted ?? 0), 0);
    same = posted === before ? same + 1 : 0;
    before = posted;
  }
}
