import type { ConsumerEndpoint } from '../../queues/consumer-endpoint.js';
import type { ProducerEndpoint } from '../../queues/producer-endpoint.js';
import { platform } from '../../runtime/runtime.js';
import type { Transport } from '../../transport/transport.js';
import { nextTurn } from '../bench.js';
import type { FarConsumer, FarProducer } from '../far.js';
import { farConsumer, farProducer, HeldEndpoint } from '../remote/held-endpoint.js';
import { countTraffic, trafficSoFar } from '../remote/traffic.js';
import type { Fixture, TransportUnderTest } from '../target.js';
import { holder } from '../worker-modules.js';

/**
 * A transport of real workers under test: every endpoint lives in a worker of its own, which can be killed. The values of
 * rule Q16 are no test there: they would meet the crossing of the tests' calls before they meet a queue's.
 *
 * @param open - opens a transport, whose workers are started by the URLs of this package's modules, or by what `open` makes
 * of these
 */
export function workersTarget(
  name: string,
  open: () => Transport,
  options: WorkersTargetOptions = {},
): TransportUnderTest {
  return {
    name,
    manifest: open().manifest,
    timed: false,
    runs: options.runs ?? 100,
    create: () => fixture(open(), options),
  };
}

export interface WorkersTargetOptions {
  /** How many random sequences. Default 100. */
  readonly runs?: number;
  /**
   * Asks the home of the transport's queues something, and resolves once it has answered: where it is neither in this thread
   * nor reached through it.
   */
  readonly home?: (transport: Transport) => Promise<unknown>;
  /** What grows while workers wake each other without a message; NaN while one is about to wake. */
  readonly activity?: () => number;
}

function fixture(opened: Transport, { home, activity }: WorkersTargetOptions): Fixture {
  countTraffic();
  let closing: Promise<void> | undefined;
  const transport: Transport = { ...opened, close: () => (closing ??= opened.close()) };
  const ends = new Map<FarProducer | FarConsumer, HeldEndpoint>();

  const hold = (end: ProducerEndpoint<unknown> | ConsumerEndpoint<unknown>): HeldEndpoint => {
    const { port1, port2 } = new platform.MessageChannel();
    const { id } = end;
    return new HeldEndpoint(
      id,
      transport.start(holder, { end, port: port2 }, { transfer: [port2] }),
      port1,
    );
  };
  const add = <E extends FarProducer | FarConsumer>(far: E, end: HeldEndpoint): E => {
    ends.set(far, end);
    return far;
  };

  const allQuiet = (): Promise<void> =>
    quiet([...ends.values()], closing === undefined && home ? () => home(transport) : undefined, activity);

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
      // The workers' end is as much under way as a message is.
      await closing;
      await allQuiet();
    },
    crash: async (endpoint) => {
      const end = ends.get(endpoint);
      await end?.handle.terminate();
      end?.end();
      await allQuiet();
    },
    leftovers: () =>
      transport.health().workers > 0 ? [`${String(transport.health().workers)} workers`] : [],
    dispose: async () => {
      await transport.close();
      for (const end of ends.values()) end.end();
    },
  };
}

/**
 * Nothing is under way when two rounds through all workers have seen no new message anywhere. By way of a home elsewhere it
 * takes more: what workers and home say to each other waits for no round.
 */
async function quiet(ends: HeldEndpoint[], home?: () => Promise<unknown>, activity?: () => number): Promise<void> {
  const rounds = home === undefined && activity === undefined ? 2 : 4;
  let before = -1;
  for (let same = 0; same < rounds;) {
    await nextTurn();
    await nextTurn();
    await home?.();
    const pongs = await Promise.all(ends.map((end) => end.ping()));
    const traffic = trafficSoFar() + (activity?.() ?? 0) + pongs.reduce((sum, pong) => sum + (pong?.traffic ?? 0), 0);
    same = traffic === before ? same + 1 : 0;
    before = traffic;
  }
}
