// A user's program, compiled and run in a folder that has only the packed packages.
import {
  defineWorker,
  hasCode,
  IterableQueue,
  memory,
  type ProducerEndpoint,
  type Transport,
} from '@millrace/core';
import type { ConformanceCase } from '@millrace/core/testing';
import type { Link } from '@millrace/core/channels';
import type { BrowserWorkersOptions } from '@millrace/browser-adapter';
import type { Served } from '@millrace/browser-adapter/worker';
import { workerThreads } from '@millrace/node-adapter';

/** The types of every entry point are to be found. */
export interface Types {
  readonly link: Link;
  readonly conformance: ConformanceCase;
  readonly browser: BrowserWorkersOptions;
  readonly served: Served;
}

const square = defineWorker(() => import('./square.js'), new URL('./square.js', import.meta.url));

async function sumOfSquares(transport: Transport): Promise<string> {
  const numbers = new IterableQueue<number>({ transport, name: 'numbers', capacity: 8 });
  const squares = new IterableQueue<number>({ transport, name: 'squares', capacity: 8 });
  const workers = [1, 2, 3].map((i) =>
    transport.start(
      square,
      { numbers: numbers.consumer(), squares: squares.producer() },
      { name: `square-${String(i)}` },
    ),
  );
  const producer = numbers.producer();
  numbers.close();
  squares.close();
  const produced = (async () => {
    for (let n = 1; n <= 1000; n++) await producer.put(n);
    await producer.close();
  })();
  let sum = 0;
  for await (const n of squares.consumer()) sum += n;
  await produced;
  const results = await Promise.all(workers.map((worker) => worker.result()));
  const worked = results.reduce((total, { count }) => total + count, 0);
  const refused = await refusal(() => producer.put(1));
  return `${transport.name}: ${String(sum)}, ${String(worked)} by ${results.map(({ id }) => id).join(', ')}, then ${refused}`;
}

async function refusal(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    return hasCode(error, 'ENDPOINT_CLOSED') ? error.code : String(error);
  }
  return 'nothing';
}

/** Never called: what must not compile, does not. */
export async function mistakes(transport: Transport): Promise<void> {
  const numbers = new IterableQueue<number>({ transport });
  // @ts-expect-error a string among the numbers
  await numbers.producer().put('one');
  // @ts-expect-error a consumer endpoint is no producer endpoint
  const producer: ProducerEndpoint<number> = numbers.consumer();
  await producer.close();
  // @ts-expect-error a consumer where a producer is due
  transport.start(square, { numbers: numbers.consumer(), squares: numbers.consumer() });
}

for (const transport of [memory(), workerThreads()]) console.log(await sumOfSquares(transport));
