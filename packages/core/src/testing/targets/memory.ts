import type { Traveller } from '../../queues/travel.js';
import { memory } from '../../transport/memory/memory.js';
import type { Transport } from '../../transport/transport.js';
import { defineWorker, type WorkerContext } from '../../workers/ref.js';
import { nextTurn } from '../bench.js';
import { ManualClock } from '../clock.js';
import type { FarConsumer, FarProducer } from '../far.js';
import type { Fixture, TransportUnderTest } from '../target.js';

/** The memory transport under test: also what to copy for another transport of one process. */
export function memoryTarget(
  options: { readonly clone?: boolean; readonly runs?: number } = {},
): TransportUnderTest {
  const clone = options.clone ?? false;
  return {
    name: clone ? 'memory, cloning' : 'memory',
    manifest: memory().manifest,
    queue: { clone },
    moves: true,
    here: true,
    runs: options.runs ?? 1000,
    create: (): Fixture => {
      const clock = new ManualClock();
      const transport = memory({ runtime: clock });
      return {
        transport,
        clock,
        producer: async (queue) => queue.producer(),
        consumer: async (queue) => queue.consumer(),
        moveProducer: (producer) => moveHere<FarProducer>(transport, producer),
        moveConsumer: (consumer) => moveHere<FarConsumer>(transport, consumer),
        settle: () => settleHere(clock),
        leftovers: () => (transport.health().workers > 0 ? ['a worker'] : []),
        dispose: () => transport.close(),
      };
    },
  };
}

/** In one process nothing is under way once all promise reactions have run and nothing was deferred by them. */
export async function settleHere(clock: ManualClock): Promise<void> {
  do await nextTurn();
  while (clock.runDeferred() > 0);
}

/** Starts a worker in this process that hands out the endpoint it got, and works on until it is stopped. */
function moveHere<Far>(transport: Transport, traveller: Traveller): Promise<Far> {
  return new Promise((resolve) => {
    const hold = (args: unknown, { signal }: WorkerContext): Promise<void> => {
      resolve((args as { end: Far }).end);
      return new Promise((stop) => {
        signal.addEventListener('abort', stop);
      });
    };
    const worker = defineWorker(() => Promise.resolve({ default: hold }));
    transport.start(worker, { end: traveller });
  });
}
