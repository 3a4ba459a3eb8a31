import {
  type ConsumerEndpoint,
  IterableQueue,
  type ProducerEndpoint,
  type QueueBackend,
  ReadyQueue,
  systemRuntime,
  type Transport,
  type TransportManifest,
} from '@millrace/core';
import type { Fixture, TransportUnderTest } from '@millrace/core/testing';
import { inject } from 'vitest';
import type {} from '../engines/context.ts';
import { freshName, openTabs, openTabsElected } from './opened.ts';

/** A queue that every fixture has, to ask its host something. */
const PROBE = 'probe';

let heard = 0;

/** Counts what comes over all ports and channels of this page, so that a test can tell when nothing is under way. */
function countTraffic<Port extends MessagePort | BroadcastChannel>(prototype: Port): void {
  const own = Object.getOwnPropertyDescriptor(prototype, 'onmessage')!;
  Object.defineProperty(prototype, 'onmessage', {
    ...own,
    set(this: Port, listener: ((this: Port, event: MessageEvent) => unknown) | null) {
      own.set!.call(
        this,
        listener &&
          function (this: Port, event: MessageEvent) {
            // What endpoints say are arrays; what the page asks to find out, and its own turns, are none.
            if (Array.isArray(event.data)) heard++;
            listener.call(this, event);
          },
      );
    },
  });
}

countTraffic(MessagePort.prototype);
countTraffic(BroadcastChannel.prototype);

const openers = { worker: openTabs, elected: openTabsElected };

/**
 * Queues are opened by one tab's transport, endpoints by another's: both are in this page, and their home is in a SharedWorker,
 * or with the first of them.
 */
export function tabsTarget(
  host: keyof typeof openers,
  options: { readonly runs?: number } = {},
): TransportUnderTest {
  const open = openers[host];
  // The home is elsewhere and outlives a tab: what hangs on either is as with a home on another machine.
  const manifest: TransportManifest = Object.freeze({
    ...open('manifest').manifest,
    isolation: 'machine',
  });
  return {
    name: 'shared by tabs',
    manifest,
    queue: { exclusive: false },
    timed: false,
    crashes: false,
    local: false,
    here: true,
    runs: options.runs ?? 100,
    create: () => fixture(open, manifest),
  };
}

function fixture(open: (name: string) => Transport, manifest: TransportManifest): Fixture {
  const name = freshName();
  const tabs = [open(name), open(name)] as const;
  const [first, second] = tabs;
  const there = new Map<string, IterableQueue<unknown>>();
  const backends = new Map<string, QueueBackend>();
  const opening: Transport = {
    ...second,
    openQueue: (spec) => {
      const backend = second.openQueue(spec);
      backends.set(spec.name, backend);
      return backend;
    },
  };
  const probes = tabs.map((tab) => new IterableQueue<unknown>({ transport: tab, name: PROBE }));
  let closing: Promise<unknown> | undefined;
  let begun = 0;
  let ready = 0;
  const settle = async (): Promise<void> => {
    await closing;
    if (closing !== undefined) return;
    // What is being opened is there for its host before it is there for the test.
    for (let before = -1; before !== ready || begun !== ready;) {
      before = ready;
      await quiet(probes);
    }
  };
  /** The queue as the second tab has it. */
  const sameOf = (queue: IterableQueue<unknown>): IterableQueue<unknown> => {
    let same = there.get(queue.name);
    if (same === undefined) {
      const Kind = queue.spec.gate ? ReadyQueue : IterableQueue;
      same = new Kind<unknown>({ ...queue.spec, transport: opening });
      there.set(queue.name, same);
    }
    return same;
  };
  const transport: Transport = {
    ...first,
    manifest,
    openQueue: (spec) => {
      const backend = first.openQueue(spec);
      const { close, dispose } = backend;
      // Of closing the second tab would hear a moment later, and of the first's leaving not at all: here both do the same.
      backend.close = () => {
        close.call(backend);
        backends.get(spec.name)?.close();
      };
      backend.dispose = (error) => {
        dispose.call(backend, error);
        backends.get(spec.name)?.dispose(error);
      };
      return backend;
    },
    health: () => {
      const { queues, ...rest } = first.health();
      return { ...rest, queues: queues.filter(({ queue }) => queue !== PROBE) };
    },
    close: async () => {
      await (closing ??= Promise.all(tabs.map((tab) => tab.close())));
    },
  };
  const opened = async <E>(endpoint: E): Promise<E> => {
    begun++;
    try {
      if (closing === undefined) await quiet(probes);
      return endpoint;
    } finally {
      ready++;
    }
  };
  return {
    transport,
    producer: async (queue): Promise<ProducerEndpoint<unknown>> => opened(sameOf(queue).producer()),
    consumer: async (queue): Promise<ConsumerEndpoint<unknown>> => opened(sameOf(queue).consumer()),
    settle,
    leftovers: () =>
      tabs.flatMap((tab) => tab.health().queues.map(({ queue }) => `queue ${queue}`)),
    dispose: () => transport.close(),
  };
}

/** Nothing is under way when rounds by the host have brought nothing new. */
async function quiet(probes: readonly IterableQueue<unknown>[]): Promise<void> {
  // There messages of one port may overtake those of another by far.
  const rounds = inject('engine') === 'chromium' ? 3 : 16;
  let before = -1;
  for (let same = 0; same < rounds;) {
    for (let turn = 0; turn < 2; turn++)
      await new Promise<void>((resolve) => {
        systemRuntime.defer(resolve);
      });
    await Promise.all(probes.map((probe) => probe.stats()));
    same = heard === before ? same + 1 : 0;
    before = heard;
  }
}
