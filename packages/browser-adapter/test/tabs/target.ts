import {
  type ConsumerEndpoint,
  IterableQueue,
  type ProducerEndpoint,
  ReadyQueue,
  type Transport,
} from '@millrace/core';
import type { Fixture, TransportUnderTest } from '@millrace/core/testing';
import { freshName, openTabs } from './opened.ts';

let heard = 0;

/** Counts what comes over all ports of this page, so that a test can tell when nothing is under way. */
function countTraffic(): void {
  const own = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage')!;
  Object.defineProperty(MessagePort.prototype, 'onmessage', {
    ...own,
    set(this: MessagePort, listener: MessagePort['onmessage']) {
      own.set!.call(
        this,
        listener &&
          function (this: MessagePort, event: MessageEvent) {
            // What endpoints say are arrays; what the page asks to find out, and its own turns, are none.
            if (Array.isArray(event.data)) heard++;
            listener.call(this, event);
          },
      );
    },
  });
}

countTraffic();

/** Queues are opened by one tab's transport, endpoints by another's: both are in this page, and their home in the SharedWorker. */
export function tabsTarget(options: { readonly runs?: number } = {}): TransportUnderTest {
  return {
    name: 'shared by tabs',
    manifest: openTabs('manifest').manifest,
    queue: { exclusive: false },
    timed: false,
    crashes: false,
    local: false,
    here: true,
    runs: options.runs ?? 100,
    create: () => fixture(),
  };
}

function fixture(): Fixture {
  const name = freshName();
  const transport = openTabs(name);
  const other = openTabs(name);
  const there = new Map<IterableQueue<unknown>, IterableQueue<unknown>>();
  const sameOf = (queue: IterableQueue<unknown>): IterableQueue<unknown> => {
    let same = there.get(queue);
    if (same === undefined) {
      const Kind = queue.spec.gate ? ReadyQueue : IterableQueue;
      same = new Kind<unknown>({ ...queue.spec, transport: other });
      there.set(queue, same);
    }
    return same;
  };
  return {
    transport,
    producer: async (queue): Promise<ProducerEndpoint<unknown>> => {
      const producer = sameOf(queue).producer();
      await quiet([transport, other]);
      return producer;
    },
    consumer: async (queue): Promise<ConsumerEndpoint<unknown>> => {
      const consumer = sameOf(queue).consumer();
      await quiet([transport, other]);
      return consumer;
    },
    settle: () => quiet([transport, other]),
    leftovers: () =>
      [transport, other].flatMap((one) => one.health().queues.map(({ queue }) => `queue ${queue}`)),
    dispose: async () => {
      await transport.close();
      await other.close();
    },
  };
}

/** Nothing is under way when rounds by the host have brought nothing new. */
async function quiet(tabs: readonly Transport[]): Promise<void> {
  let before = -1;
  for (let same = 0; same < 3; ) {
    for (const tab of tabs) await roundTrip(tab);
    same = heard === before ? same + 1 : 0;
    before = heard;
  }
}

async function roundTrip(tab: Transport): Promise<void> {
  for (let turn = 0; turn < 2; turn++)
    await new Promise<void>((resolve) => {
      tab.runtime.defer(resolve);
    });
  if (!tab.health().open) return;
  const probe = new IterableQueue<unknown>({ transport: tab, name: 'probe' });
  await probe.stats();
  await probe[Symbol.asyncDispose]();
}
